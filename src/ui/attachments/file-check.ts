// What a file must be to be attached; said here, before anything of it is sent. The server checks all of it again.
import type { AttachmentType } from '../../protocol/attachments.ts';
import { ATTACHMENT_BYTES_MAX, ATTACHMENT_NAME_LENGTH_MAX } from '../../protocol/limits.ts';
import { enAttachments } from '../text/en-attachments.ts';
import { typeOf } from './file-type.ts';
import { fileSize } from './size.ts';

const words = enAttachments.refused;
/** So much of the end of a long name is kept: its extension is there. */
const NAME_END = 12;

// biome-ignore lint/suspicious/noControlCharactersInRegex: what makes a path, and what controls or turns text around
const UNWANTED = /[/\\\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;

/** The file's name as the server takes it. */
export function attachmentName(name: string): string {
  const plain = name.toWellFormed().replace(UNWANTED, '_') || enAttachments.unnamed;
  if (plain.length <= ATTACHMENT_NAME_LENGTH_MAX) return plain;
  const begin = plain.slice(0, ATTACHMENT_NAME_LENGTH_MAX - NAME_END - 1);
  return `${begin}…${plain.slice(-NAME_END)}`.toWellFormed();
}

/** Its type; or, in words, why it can't be attached. */
export async function checkFile(
  file: File,
  name: string,
): Promise<{ type: AttachmentType } | { why: string }> {
  if (file.size > ATTACHMENT_BYTES_MAX) return { why: words.tooLarge(name, fileSize(ATTACHMENT_BYTES_MAX)) };
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    // A folder, or a file that is gone since it was chosen.
    return { why: words.unreadable(name) };
  }
  if (bytes.length === 0) return { why: words.empty(name) };
  const type = typeOf(name, file.type, bytes);
  return type ? { type } : { why: words.type(name) };
}
