// The attachments of all drafts of this tab. Each goes on while another session is on screen, and none is forgotten before it is
// sent, removed or gone with the page. Draws nothing.
import type { Attachment } from '../../protocol/attachment.ts';
import { ATTACHMENTS_MAX } from '../../protocol/limits.ts';
import { enAttachments } from '../text/en-attachments.ts';
import { type Chip, type Common, commonOf, createChips, type In, isAttached, isRunning } from './chips.ts';
import { draftOfKey, keepAttachments, keptAttachments } from './draft.ts';
import { attachmentName, checkFile } from './file-check.ts';
import { createUploads, type UploadPorts } from './uploads.ts';

const words = enAttachments;

export interface DeskPorts extends Pick<UploadPorts, 'upload' | 'lockedOut'> {
  isStillThere(attachment_id: string): Promise<boolean>;
  /** Said politely. */
  tell(text: string): void;
  /** Shown where the draft is written, and said at once. */
  alert(draft: string, text: string): void;
}

const isNot = (attachment_id: string) => (one: Attachment) => one.attachment_id !== attachment_id;

/** What is attached to each draft: shown as it is kept, for every tab of this browser. */
function createShelf(store: ReturnType<typeof createChips>) {
  /** what arrived in this page, as it was on its way */
  const born = new Map<string, Pick<Common, 'key' | 'place'>>();
  const of = (draft: string): Attachment[] =>
    store
      .getSnapshot()
      .context.chips.flatMap((chip) => (chip.draft === draft && isAttached(chip) ? [chip.about] : []));
  const read = (draft: string): Attachment[] => keptAttachments(draft) ?? [];

  /** Shows this list; as it stands then. */
  function show(draft: string, list: Attachment[]): Attachment[] {
    const attached = list.map((about): In<'attached'> => {
      const { attachment_id, name, bytes } = about;
      const own = born.get(attachment_id) ?? { key: attachment_id, place: 0 };
      return { ...own, draft, name, bytes, state: 'attached', about };
    });
    store.trigger.read({ draft, attached });
    return of(draft);
  }

  return {
    of,
    show,
    open: (draft: string): Attachment[] => show(draft, read(draft)),
    /** Another tab, or a refused message, may have written since: what is kept is read before it is written. */
    change(draft: string, to: (attached: Attachment[]) => Attachment[]): void {
      keepAttachments(draft, show(draft, to(read(draft))));
    },
    bear: (attachment_id: string, { key, place }: Chip) => born.set(attachment_id, { key, place }),
  };
}

export function createDesk(ports: DeskPorts) {
  const store = createChips();
  const shelf = createShelf(store);
  const chips = (): Chip[] => store.getSnapshot().context.chips;
  const find = (key: string): Chip | undefined => chips().find((chip) => chip.key === key);
  /** uploaded from here, or asked for: they need not be asked for again */
  const known = new Set<string>();
  let last = 0;

  const uploads = createUploads(store, {
    upload: ports.upload,
    lockedOut: ports.lockedOut,
    failed: (name, why) => ports.tell(words.failed(name, why)),
    arrived(key, about) {
      const chip = find(key)!;
      const { draft } = chip;
      shelf.bear(about.attachment_id, chip);
      known.add(about.attachment_id);
      store.trigger.changed({ key, to: null });
      shelf.change(draft, (attached) => [...attached, about]);
      if (!chips().some((one) => one.draft === draft && isRunning(one)))
        ports.tell(words.attached(shelf.of(draft).length));
    },
  });

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

  async function add(draft: string, files: File[]): Promise<void> {
    const room = Math.max(0, ATTACHMENTS_MAX - chips().filter((chip) => chip.draft === draft).length);
    const more = files.slice(0, room).map((file): In<'checking'> => {
      last += 1;
      const name = attachmentName(file.name);
      return { key: `f${last}`, place: last, draft, name, bytes: file.size, file, state: 'checking' };
    });
    store.trigger.added({ more });
    const whys: string[] = [];
    // One after the other: each is read as a whole.
    for (const chip of more) {
      const why = await check(chip);
      if (why !== null) whys.push(why);
    }
    if (files.length > room) whys.push(words.refused.tooMany(files.length - room, ATTACHMENTS_MAX));
    if (whys.length > 0) ports.alert(draft, whys.join('\n'));
    const begun = more.filter((chip) => find(chip.key)).length;
    if (begun > 0) ports.tell(words.uploading(begun));
    uploads.pump();
  }

  return {
    store,
    add,
    /** Shows what the draft had when it was left; what the server has forgotten since is taken off it. */
    async open(draft: string): Promise<void> {
      for (const { attachment_id, name } of shelf.open(draft)) {
        if (known.has(attachment_id)) continue;
        known.add(attachment_id);
        if (await ports.isStillThere(attachment_id)) continue;
        shelf.change(draft, (attached) => attached.filter(isNot(attachment_id)));
        ports.alert(draft, words.expired(name));
      }
    },
    retry(key: string): void {
      const chip = find(key);
      if (chip?.state !== 'failed') return;
      store.trigger.changed({ key, to: { ...commonOf(chip), state: 'waiting', upload: chip.upload } });
      uploads.pump();
    },
    /** Takes it off its draft; what of it is on its way is cut off. */
    remove(key: string): void {
      const chip = find(key);
      if (!chip) return;
      store.trigger.changed({ key, to: null });
      if (isAttached(chip))
        shelf.change(chip.draft, (attached) => attached.filter(isNot(chip.about.attachment_id)));
      uploads.cut(key);
    },
    /** What goes with the message; the draft has none any more. */
    take(draft: string): Attachment[] {
      const attached = shelf.open(draft);
      shelf.change(draft, () => []);
      // Should they come back, they may have been refused for not being there.
      for (const { attachment_id } of attached) known.delete(attachment_id);
      return attached;
    },
    /** The session to come is there: what was on its way to it goes on. */
    move: (from: string, to: string): void => store.trigger.moved({ from, to }),
    /** Names of what has not arrived, in any draft. */
    unfinished: (): string[] => chips().flatMap((chip) => (isAttached(chip) ? [] : [chip.name])),
    /** Another tab changed a draft. */
    heard(key: string | null): void {
      const draft = draftOfKey(key);
      if (draft !== null) shelf.show(draft, keptAttachments(draft) ?? []);
    },
  };
}

export type Desk = ReturnType<typeof createDesk>;
