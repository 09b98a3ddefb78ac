// Attachments as a model is given them: images as images, text files as text. The newest first, up to a bound; what is
// over it is named, so that the model knows that it is not shown.
import { isImageType, type Part } from '../../protocol/index.ts';
import type { AgentInput } from '../port.ts';
import type { PromptMessage } from './model.ts';

export type AttachmentPart = Extract<Part, { type: 'attachment' }>;
export type UserContent = Extract<PromptMessage, { role: 'user' }>['content'];

/** Bytes of all attachments of one request: an endpoint takes no more, and a window holds less. */
export const ATTACHED_BYTES_MAX = 24 * 1024 * 1024;
/** Bytes of one text file: about a quarter of a million tokens. */
export const ATTACHED_TEXT_BYTES_MAX = 1024 * 1024;

export type Attached = ReadonlyMap<string, Uint8Array>;

const partsOf = (parts: readonly Part[]): AttachmentPart[] =>
  parts.filter((part): part is AttachmentPart => part.type === 'attachment');

/** The bytes of what will be shown, by id. */
export async function loadAttached({ history, attachments, read }: AgentInput): Promise<Attached> {
  const older = history.flatMap(({ parts }) => partsOf(parts));
  const newestFirst = [...attachments, ...older.reverse()];
  const loaded = new Map<string, Uint8Array>();
  let left = ATTACHED_BYTES_MAX;
  for (const { attachment_id, bytes } of newestFirst) {
    if (loaded.has(attachment_id) || bytes > left) continue;
    const held = await read(attachment_id);
    if (!held) continue;
    left -= held.length;
    loaded.set(attachment_id, held);
  }
  return loaded;
}

/** What stands for the attachments of one message in the prompt. */
export const attachedContent = (parts: readonly Part[], attached: Attached): UserContent =>
  partsOf(parts).map((part) => contentOf(part, attached.get(part.attachment_id)));

function contentOf({ name, media_type }: AttachmentPart, bytes: Uint8Array | undefined): UserContent[number] {
  if (!bytes) return text(`[Attached file ${name} (${media_type}) is not shown.]`);
  if (isImageType(media_type))
    return { type: 'file', filename: name, mediaType: media_type, data: { type: 'data', data: bytes } };
  const cut = bytes.length > ATTACHED_TEXT_BYTES_MAX;
  const said = new TextDecoder().decode(bytes.subarray(0, ATTACHED_TEXT_BYTES_MAX));
  const note = cut ? `, its first ${ATTACHED_TEXT_BYTES_MAX} bytes` : '';
  return text(`[Attached file ${name} (${media_type}${note})]\n${said}\n[End of ${name}]`);
}

const text = (said: string): UserContent[number] => ({ type: 'text', text: said });
