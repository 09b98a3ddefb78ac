// One file on its way to the server, with its progress. An XMLHttpRequest: `fetch` does not tell how much is sent.
import * as z from 'zod/mini';
import { type Attachment, attachmentSchema } from '../../protocol/attachment.ts';
import type { AttachmentType } from '../../protocol/attachments.ts';
import { ApiError } from '../api.ts';
import { en } from '../text/en.ts';
import { enAttachments } from '../text/en-attachments.ts';

/** Nothing sent and nothing heard for so long: the connection is taken for broken. */
const SILENCE_MS = 30_000;

export interface Upload {
  file: File;
  name: string;
  type: AttachmentType;
}

const refusalSchema = z.looseObject({ error: z.string(), code: z.string() });

function answerOf(request: XMLHttpRequest): Attachment {
  let body: unknown = null;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    // Not ours: it is no answer.
  }
  if (request.status === 201) {
    const about = z.safeParse(attachmentSchema, body);
    if (about.success) return about.data;
    throw new ApiError('answer', request.status, en.errors.answer);
  }
  const refusal = z.safeParse(refusalSchema, body);
  if (!refusal.success) throw new ApiError('answer', request.status, en.errors.status(request.status));
  throw new ApiError(refusal.data.code, request.status, refusal.data.error);
}

/** `progress` is told the share that is sent, 0 to 1. @throws ApiError; `network` also when `signal` ended it */
export function upload(
  { file, name, type }: Upload,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<Attachment> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = (): void => request.abort();
    let silence = setTimeout(stop, SILENCE_MS);
    const ended = (): void => {
      clearTimeout(silence);
      signal.removeEventListener('abort', stop);
    };
    const cut = (): void => {
      ended();
      reject(new ApiError('network', 0, enAttachments.cut));
    };
    request.upload.onprogress = ({ loaded, total }) => {
      clearTimeout(silence);
      silence = setTimeout(stop, SILENCE_MS);
      progress(total > 0 ? loaded / total : 0);
    };
    request.onload = () => {
      ended();
      try {
        resolve(answerOf(request));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = cut;
    request.onabort = cut;
    signal.addEventListener('abort', stop);
    request.open('POST', `/api/attachments?name=${encodeURIComponent(name)}`);
    request.setRequestHeader('Content-Type', type);
    request.send(file);
  });
}

/** False: the server has forgotten it. What can't be asked now is taken for there. */
export async function isStillThere(attachment_id: string): Promise<boolean> {
  const path = `/api/attachments/${encodeURIComponent(attachment_id)}`;
  const response = await fetch(path, { cache: 'no-store' }).catch(() => null);
  // Only whether it is there was asked.
  response?.body?.cancel().catch(() => undefined);
  return response?.status !== 404;
}
