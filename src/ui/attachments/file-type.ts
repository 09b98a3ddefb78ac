// Which of the types that attachments may have a file is of. Browsers name types by what is installed beside them, or not at
// all: what counts is what the file holds, as it does for the server, and of texts then the name.
import { type AttachmentType, TEXT_TYPES } from '../../protocol/attachments.ts';

/** Of text files, by the end of their names. */
const BY_EXTENSION: Record<string, AttachmentType> = {
  md: 'text/markdown',
  markdown: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  xml: 'application/xml',
  svg: 'application/xml',
  json: 'application/json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  toml: 'application/toml',
  js: 'application/javascript',
  mjs: 'application/javascript',
  cjs: 'application/javascript',
  jsx: 'application/javascript',
  ts: 'application/typescript',
  mts: 'application/typescript',
  cts: 'application/typescript',
  tsx: 'application/typescript',
  sh: 'application/x-sh',
  bash: 'application/x-sh',
};

/** How images begin, a letter a byte; `.` is any. Source: the formats' own specifications. */
const IMAGE_STARTS: [RegExp, AttachmentType][] = [
  [/^\x89PNG\r\n.\n/s, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF....WEBP/s, 'image/webp'],
];
const START_BYTES = 12;

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return !bytes.includes(0);
  } catch {
    return false;
  }
}

/** null: nothing that an agent could be given. `told` is the browser's word for it. */
export function typeOf(name: string, told: string, bytes: Uint8Array): AttachmentType | null {
  const start = String.fromCharCode(...bytes.subarray(0, START_BYTES));
  const image = IMAGE_STARTS.find(([pattern]) => pattern.test(start));
  if (image) return image[1];
  if (!isText(bytes)) return null;
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const known = Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined;
  const type = told.split(';')[0]?.trim().toLowerCase();
  return known ?? TEXT_TYPES.find((one) => one === type) ?? 'text/plain';
}
