// What lies in the folder of a log, by name.

export const LOG_FILE = 'log.db';
/** The one process holds a transaction on it. */
export const LOCK_FILE = 'lock.db';
/** The number of the highest commit. */
export const WATERMARK_FILE = 'watermark';
/** Room for what must be written when the disk is full. */
export const RESERVE_FILE = 'reserve';
export const ATTACHMENTS_FOLDER = 'attachments';
/** Made by `notices`, beside the log. */
const PUSH_KEYS_FILE = 'push-keys.json';

/** The beginnings of their names: a database has files of its own beside it, and what is half written ends otherwise. */
const OURS = [LOG_FILE, LOCK_FILE, WATERMARK_FILE, RESERVE_FILE, ATTACHMENTS_FOLDER, PUSH_KEYS_FILE];

/** What may be left of ours, or put there for us, without a log. */
export const isOurs = (name: string): boolean => OURS.some((ours) => name.startsWith(ours));
