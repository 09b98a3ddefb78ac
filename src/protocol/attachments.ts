// Attachments: images and text files that go with a message. Stored once by what they hold, named by an id.
import * as z from 'zod/mini';
import { ATTACHMENT_NAME_LENGTH_MAX } from './limits.ts';

/** Types that are taken: what agents can be given. Anything else is answered `unsupported_media_type`. */
export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;
export const TEXT_TYPES = [
  'text/plain',
  'text/markdown',
  'text/csv',
  'text/html',
  'text/css',
  'text/xml',
  'application/json',
  'application/xml',
  'application/yaml',
  'application/toml',
  'application/javascript',
  'application/typescript',
  'application/x-sh',
] as const;
export const ATTACHMENT_TYPES = [...IMAGE_TYPES, ...TEXT_TYPES] as const;
export type AttachmentType = (typeof ATTACHMENT_TYPES)[number];

export const isImageType = (type: string): boolean => (IMAGE_TYPES as readonly string[]).includes(type);

/** Query of `POST /api/attachments`; the file is the body, its type the Content-Type. */
export const uploadSchema = z.strictObject({
  name: z.optional(
    z.string().check(
      z.minLength(1),
      z.maxLength(ATTACHMENT_NAME_LENGTH_MAX),
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
      z.refine((name) => !/[/\\\u0000-\u001f\u007f]/.test(name), 'must be a file name without a path'),
    ),
  ),
});
