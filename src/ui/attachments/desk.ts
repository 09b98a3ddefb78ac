// The attachments of all drafts of this tab: what is there, what is on its way, what failed. Each goes on while another session
// is on screen, and none is forgotten before it is sent, removed or gone with the page. Draws nothing.
import { createStore } from '@xstate/store';
import type { Attachment } from '../../protocol/attachment.ts';
import { ATTACHMENTS_MAX } from '../../protocol/limits.ts';
import { ApiError, sentenceOf } from '../api.ts';
import { enAttachments } from '../text/en-attachments.ts';
import { draftOfKey, keepAttachments, keptAttachments } from './draft.ts';
import { attachmentName, checkFile } from './file-check.ts';
import type { Upload } from './upload.ts';

const words = enAttachments;
/** Of the six connections that a browser allows, so many are for files. */
const UPLOADS_AT_ONCE = 2;

interface Common {
  /** its own for life, in this page */
  key: string;
  draft: string;
  name: string;
  bytes: number;
}
export type Chip = Common &
  (
    | { state: 'checking'; file: File }
    | { state: 'waiting'; upload: Upload }
    /** `share`: how much of it is sent, 0 to 1 */
    | { state: 'sending'; upload: Upload; share: number }
    | { state: 'failed'; upload: Upload; why: string; mayRetry: boolean }
    | { state: 'attached'; about: Attachment }
  );
type In<S extends Chip['state']> = Extract<Chip, { state: S }>;

export interface DeskPorts {
  upload(wanted: Upload, progress: (share: number) => void, signal: AbortSignal): Promise<Attachment>;
  isStillThere(attachment_id: string): Promise<boolean>;
  /** Said politely. */
  tell(text: string): void;
  /** Shown where the draft is written, and said at once. */
  alert(draft: string, text: string): void;
  lockedOut(): void;
}

export const isRunning = (chip: Chip): boolean => chip.state !== 'attached' && chip.state !== 'failed';
const commonOf = ({ key, draft, name, bytes }: Chip): Common => ({ key, draft, name, bytes });
const isAttached = (chip: Chip): chip is In<'attached'> => chip.state === 'attached';
const chipOf = (draft: string, about: Attachment): In<'attached'> => ({
  key: about.attachment_id,
  draft,
  name: about.name,
  bytes: about.bytes,
  state: 'attached',
  about,
});
const isNot = (attachment_id: string) => (one: Attachment) => one.attachment_id !== attachment_id;
/** 4xx: the same again would be refused again; but not what has to do with the moment. */
const mayRetry = ({ status }: ApiError): boolean =>
  status < 400 || status >= 500 || [401, 408, 429].includes(status);

const createChips = () =>
  createStore({
    context: { chips: [] as Chip[] },
    on: {
      added: ({ chips }, { more }: { more: Chip[] }) => ({ chips: [...chips, ...more] }),
      changed: ({ chips }, { key, to }: { key: string; to: Chip | null }) => ({
        chips: chips.flatMap((chip) => (chip.key !== key ? [chip] : to ? [to] : [])),
      }),
      /** What is attached to a draft is this, whatever was known; what is on its way stays behind it. */
      read: ({ chips }, { draft, attached }: { draft: string; attached: Attachment[] }) => ({
        chips: [
          ...attached.map((about) => chipOf(draft, about)),
          ...chips.filter((chip) => chip.draft !== draft || !isAttached(chip)),
        ],
      }),
      moved: ({ chips }, { from, to }: { from: string; to: string }) => ({
        chips: chips.map((chip) => (chip.draft === from ? { ...chip, draft: to } : chip)),
      }),
    },
  });

export function createDesk(ports: DeskPorts) {
  const store = createChips();
  const chips = (): Chip[] => store.getSnapshot().context.chips;
  const find = (key: string): Chip | undefined => chips().find((chip) => chip.key === key);
  const attachedTo = (draft: string): Attachment[] =>
    chips().flatMap((chip) => (chip.draft === draft && isAttached(chip) ? [chip.about] : []));
  const ends = new Map<string, AbortController>();
  /** uploaded from here, or asked for: they need not be asked for again */
  const known = new Set<string>();
  let last = 0;

  /** Another tab, or a refused message, may have written since: what is kept is read before it is written. */
  function change(draft: string, to: (attached: Attachment[]) => Attachment[]): void {
    const attached = to(keptAttachments(draft) ?? attachedTo(draft));
    keepAttachments(draft, attached);
    store.trigger.read({ draft, attached });
  }

  function attach(key: string, about: Attachment): void {
    const { draft } = find(key)!;
    known.add(about.attachment_id);
    store.trigger.changed({ key, to: null });
    change(draft, (attached) => [...attached, about]);
    if (!chips().some((chip) => chip.draft === draft && isRunning(chip)))
      ports.tell(words.attached(attachedTo(draft).length));
  }

  function fail(key: string, upload: Upload, error: unknown): void {
    const chip = find(key);
    if (!chip) return;
    const why = sentenceOf(error);
    const again = error instanceof ApiError && mayRetry(error);
    store.trigger.changed({ key, to: { ...commonOf(chip), state: 'failed', upload, why, mayRetry: again } });
    ports.tell(words.failed(chip.name, why));
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
      if (find(key)) attach(key, about);
    } catch (error) {
      fail(key, upload, error);
    } finally {
      ends.delete(key);
      pump();
    }
  }

  /** They begin in their order, as many at once as may. */
  function pump(): void {
    for (const chip of chips()) {
      if (ends.size >= UPLOADS_AT_ONCE) return;
      if (chip.state === 'waiting') void send(chip);
    }
  }

  /** In words: why it is none. */
  async function check({ key, name, file }: In<'checking'>): Promise<string | null> {
    const checked = await checkFile(file, name);
    const now = find(key);
    if (!now) return null;
    if ('why' in checked) {
      store.trigger.changed({ key, to: null });
      return checked.why;
    }
    const upload = { file, name, type: checked.type };
    store.trigger.changed({ key, to: { ...commonOf(now), state: 'waiting', upload } });
    return null;
  }

  return {
    store,
    /** Shows what the draft had when it was left; what the server has forgotten since is taken off it. */
    async open(draft: string): Promise<void> {
      store.trigger.read({ draft, attached: keptAttachments(draft) ?? attachedTo(draft) });
      for (const { attachment_id, name } of attachedTo(draft)) {
        if (known.has(attachment_id)) continue;
        known.add(attachment_id);
        if (await ports.isStillThere(attachment_id)) continue;
        change(draft, (attached) => attached.filter(isNot(attachment_id)));
        ports.alert(draft, words.expired(name));
      }
    },
    async add(draft: string, files: File[]): Promise<void> {
      const room = Math.max(0, ATTACHMENTS_MAX - chips().filter((chip) => chip.draft === draft).length);
      const more = files.slice(0, room).map((file) => {
        last += 1;
        const name = attachmentName(file.name);
        return { key: `f${last}`, draft, name, bytes: file.size, file, state: 'checking' as const };
      });
      store.trigger.added({ more });
      const whys: string[] = [];
      // One after the other: each is read as a whole.
      for (const chip of more) {
        const why = await check(chip);
        if (why !== null) whys.push(why);
      }
      if (files.length > room) whys.push(words.refused.tooMany(files.length - room, ATTACHMENTS_MAX));
      if (whys.length > 0) ports.alert(draft, whys.join(' '));
      const begun = more.filter((chip) => find(chip.key)).length;
      if (begun > 0) ports.tell(words.uploading(begun));
      pump();
    },
    retry(key: string): void {
      const chip = find(key);
      if (chip?.state !== 'failed') return;
      store.trigger.changed({ key, to: { ...commonOf(chip), state: 'waiting', upload: chip.upload } });
      pump();
    },
    /** Takes it off its draft; what of it is on its way is cut off. */
    remove(key: string): void {
      const chip = find(key);
      if (!chip) return;
      store.trigger.changed({ key, to: null });
      if (isAttached(chip))
        change(chip.draft, (attached) => attached.filter(isNot(chip.about.attachment_id)));
      ends.get(key)?.abort();
      pump();
    },
    /** What goes with the message; the draft has none any more. */
    take(draft: string): Attachment[] {
      const attached = attachedTo(draft);
      change(draft, () => []);
      // Should they come back, they may have been refused for not being there.
      for (const { attachment_id } of attached) known.delete(attachment_id);
      return attached;
    },
    /** The session to come is there: what was on its way to it goes on. */
    move(from: string, to: string): void {
      store.trigger.moved({ from, to });
    },
    /** Names of what has not arrived, in any draft. */
    unfinished: (): string[] => chips().flatMap((chip) => (isAttached(chip) ? [] : [chip.name])),
    /** Another tab changed a draft. */
    heard(key: string | null): void {
      const draft = draftOfKey(key);
      if (draft !== null) store.trigger.read({ draft, attached: keptAttachments(draft) ?? [] });
    },
  };
}

export type Desk = ReturnType<typeof createDesk>;
