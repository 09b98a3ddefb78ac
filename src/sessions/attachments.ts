// Attachments between upload and message: checked by what they hold, kept once, forgotten when no message names them.
import type { AttachmentFiles, AttachmentRow, Journal } from '../journal/port.ts';
import {
  ATTACHMENT_TYPES,
  ATTACHMENT_UNUSED_MS,
  type Attachment,
  type AttachmentType,
  badField,
  type Clock,
  createId,
  isImageType,
  notFound,
  type Random,
  Rejection,
} from '../protocol/index.ts';

export interface Attachments {
  /** @throws Rejection unsupported_media_type, bad_request, storage_full */
  add(owner: string, upload: { name: string; type: string; bytes: Buffer }): Promise<Attachment>;
  /** @throws Rejection not_found */
  get(owner: string, attachment_id: string): Promise<{ about: Attachment; bytes: Buffer }>;
  /** The bytes alone; null: there are none. */
  read(owner: string, attachment_id: string): Promise<Buffer | null>;
  /**
   * Removes the files of deleted sessions, and what no message and no follow-up names and is older than a day.
   * @throws Rejection storage_full: it goes on with the next one
   */
  sweep(): Promise<void>;
}

/** First bytes of the images that are taken. Source: the formats' own specifications. */
const STARTS: Record<string, (bytes: Buffer) => boolean> = {
  'image/png': (bytes) => bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex')),
  'image/jpeg': (bytes) => bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex')),
  'image/gif': (bytes) => /^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6)),
  'image/webp': (bytes) =>
    bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
};

const isText = (bytes: Buffer): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return !bytes.includes(0);
  } catch {
    return false;
  }
};

function checkType(type: string, bytes: Buffer): AttachmentType {
  const known = ATTACHMENT_TYPES.find((one) => one === type);
  if (!known)
    throw new Rejection('unsupported_media_type', `Attachments are ${ATTACHMENT_TYPES.join(', ')}.`, {
      given: type,
    });
  const holds = isImageType(type) ? STARTS[type]?.(bytes) : isText(bytes);
  if (!holds) throw new Rejection('unsupported_media_type', `The file is no ${type}.`, { given: type });
  return known;
}

export function createAttachments(ports: {
  journal: Journal;
  files: AttachmentFiles;
  clock: Clock;
  random: Random;
}): Attachments {
  const { journal, files, clock, random } = ports;
  // A file may not be removed between the moment it is kept and the moment a row names it: one after the other.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = last.then(act, act);
    last = turn.catch(() => {});
    return turn;
  };
  async function announce(hash: string): Promise<void> {
    if ((await journal.announceFile(hash)).kind === 'full') throw full();
  }
  const full = () => new Rejection('storage_full', 'The disk is full. Nothing was written.');

  return {
    async add(owner, { name, type, bytes }) {
      if (bytes.length === 0) throw badField('body', 'is empty');
      const about = { name, type: checkType(type, bytes), bytes: bytes.length };
      return inTurn(async () => {
        const hash = await files.keep(bytes, announce).catch((failure: NodeJS.ErrnoException) => {
          throw failure.code === 'ENOSPC' || failure.code === 'EDQUOT' ? full() : failure;
        });
        const attachment_id = createId('a', random);
        const row = { attachment_id, ...about, hash, created_at: clock.now() };
        const added = await journal.addAttachment(owner, row);
        if (added.kind === 'full') throw full();
        return { attachment_id, ...about };
      });
    },
    async get(owner, attachment_id) {
      const row = await journal.getAttachment(owner, attachment_id);
      const bytes = row && (await files.read(row.hash));
      if (!row || !bytes) throw notFound('attachment');
      return { about: aboutOf(row), bytes };
    },
    async read(owner, attachment_id) {
      const row = await journal.getAttachment(owner, attachment_id);
      return row && files.read(row.hash);
    },
    sweep: () =>
      inTurn(async () => {
        for (;;) {
          const forgotten = await journal.forgetAttachments(clock.now() - ATTACHMENT_UNUSED_MS);
          if ('kind' in forgotten) throw full();
          const { hashes } = forgotten;
          if (hashes.length === 0) return;
          for (const hash of hashes) await files.remove(hash);
          // They are told of again: without an end to it that would be for ever.
          if (!(await journal.detachAttachments(hashes))) throw full();
        }
      }),
  };
}

const aboutOf = ({ attachment_id, name, type, bytes }: AttachmentRow): Attachment => ({
  attachment_id,
  name,
  type,
  bytes,
});
