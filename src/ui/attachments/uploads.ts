// Files on their way, a few at once, in the order in which they were given. Each ends as there, failed or cut off by its removal;
// it never stays on its way. Knows no draft.
import type { Attachment } from '../../protocol/attachment.ts';
import { ApiError, sentenceOf } from '../api.ts';
import { type Chips, commonOf, type In } from './chips.ts';
import type { Upload } from './upload.ts';

/** Of the six connections that a browser allows, so many are for files. */
const UPLOADS_AT_ONCE = 2;

export interface UploadPorts {
  /** @throws ApiError */
  upload(wanted: Upload, progress: (share: number) => void, signal: AbortSignal): Promise<Attachment>;
  arrived(key: string, about: Attachment): void;
  failed(name: string, why: string): void;
  lockedOut(): void;
}

/** 4xx: the same again would be refused again; but not what has to do with the moment. */
const mayRetry = ({ status }: ApiError): boolean =>
  status < 400 || status >= 500 || [401, 408, 429].includes(status);

export function createUploads(store: Chips, ports: UploadPorts) {
  const chips = () => store.getSnapshot().context.chips;
  const find = (key: string) => chips().find((chip) => chip.key === key);
  const ends = new Map<string, AbortController>();

  function fail(key: string, upload: Upload, error: unknown): void {
    const chip = find(key);
    if (!chip) return;
    const why = sentenceOf(error);
    const again = error instanceof ApiError && mayRetry(error);
    store.trigger.changed({ key, to: { ...commonOf(chip), state: 'failed', upload, why, mayRetry: again } });
    ports.failed(chip.name, why);
    if (error instanceof ApiError && error.code === 'unauthorized') ports.lockedOut();
  }

  async function send({ key, upload }: In<'waiting'>): Promise<void> {
    const end = new AbortController();
    ends.set(key, end);
    const progress = (share: number): void => {
      const now = find(key);
      if (now) store.trigger.changed({ key, to: { ...commonOf(now), state: 'sending', upload, share } });
    };
    progress(0);
    try {
      const about = await ports.upload(upload, progress, end.signal);
      if (find(key)) ports.arrived(key, about);
    } catch (error) {
      fail(key, upload, error);
    } finally {
      ends.delete(key);
      pump();
    }
  }

  function pump(): void {
    for (const chip of chips()) {
      if (ends.size >= UPLOADS_AT_ONCE) return;
      if (chip.state === 'waiting') void send(chip);
    }
  }

  return {
    pump,
    /** Its chip is gone: nothing more of it is sent. */
    cut(key: string): void {
      ends.get(key)?.abort();
      pump();
    },
  };
}
