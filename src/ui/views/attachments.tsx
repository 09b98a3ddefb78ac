// The attachments of a draft, under its text: each a chip with its name, its size and how far it is. Comes in a chunk of its own.
import '../style/attachments.css';
import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { isImageType } from '../../protocol/attachments.ts';
import type { App } from '../app.ts';
import { type Chip, isRunning } from '../attachments/chips.ts';
import { createDesk, type Desk } from '../attachments/desk.ts';
import { draftOf } from '../attachments/draft.ts';
import type { Held } from '../attachments/files.ts';
import { watchGifts } from '../attachments/gifts.ts';
import { leftBehind, watchLeaving } from '../attachments/leaving.ts';
import { fileSize } from '../attachments/size.ts';
import { isStillThere, upload } from '../attachments/upload.ts';
import { enAttachments } from '../text/en-attachments.ts';
import { useApp, useStore } from './context.tsx';
import { Icon } from './icon.tsx';

const words = enAttachments;
let desk: Desk | null = null;

/** A session that opens takes what was said before it away. */
function sayOnceOpen(pane: App['pane'], alert: string): void {
  let isSaid = false;
  const say = (): void => {
    if (isSaid || pane.getSnapshot().context.status === 'loading') return;
    isSaid = true;
    unsubscribe();
    pane.trigger.alertChanged({ alert });
  };
  const { unsubscribe } = pane.subscribe(say);
  say();
}

/** One for the page: uploads go on whatever is on screen. */
function deskOf({ shell, pane }: App): Desk {
  if (desk) return desk;
  const tell = (news: string): void => shell.trigger.newsCame({ news });
  const made = createDesk({
    upload,
    isStillThere,
    tell,
    alert(draft, alert) {
      if (draftOf(pane.getSnapshot().context.session_id) === draft) pane.trigger.alertChanged({ alert });
      else tell(alert);
    },
    lockedOut: () => shell.trigger.loginAsked({}),
  });
  addEventListener('storage', ({ key }) => made.heard(key));
  watchLeaving(made.unfinished);
  const names = leftBehind();
  if (names.length > 0) sayOnceOpen(pane, words.left(names));
  desk = made;
  return made;
}

function Picture({ chip }: { chip: Chip }) {
  // What begins like an image may be none.
  const [isBroken, setBroken] = useState(false);
  if (chip.state !== 'attached' || !isImageType(chip.about.type) || isBroken) return <Icon name="list" />;
  const path = `/api/attachments/${encodeURIComponent(chip.about.attachment_id)}`;
  return <img src={path} alt="" onError={() => setBroken(true)} />;
}

function Fate({ chip, retry }: { chip: Chip; retry: () => void }) {
  if (chip.state === 'attached') return <span className="dim">{fileSize(chip.bytes)}</span>;
  if (chip.state !== 'failed')
    return (
      <progress aria-label={words.progress(chip.name)} value={chip.state === 'sending' ? chip.share : 0} />
    );
  return (
    <>
      <span className="failed" dir="auto">
        {chip.why}
      </span>
      {chip.mayRetry && (
        <button type="button" className="btn bare" aria-label={words.retryLabel(chip.name)} onClick={retry}>
          {words.retry}
        </button>
      )}
    </>
  );
}

/** Where the focus goes when the chip that has it goes: the next one, else the message. */
function focusNext(button: HTMLElement): void {
  const item = button.closest('li');
  const next = item?.nextElementSibling ?? item?.previousElementSibling;
  const field = button.closest('form')?.querySelector('textarea');
  (next?.querySelector<HTMLElement>('[data-remove]') ?? field)?.focus();
}

function Item({ chip, desk }: { chip: Chip; desk: Desk }) {
  const end = isRunning(chip) ? words.cancel(chip.name) : words.remove(chip.name);
  return (
    <li className="file" data-state-of-file={chip.state}>
      <Picture chip={chip} />
      <bdi className="cut" title={chip.name}>
        {chip.name}
      </bdi>
      <Fate chip={chip} retry={() => desk.retry(chip.key)} />
      <button
        type="button"
        className="tool-btn"
        data-remove=""
        aria-label={end}
        title={end}
        onClick={({ currentTarget }) => {
          focusNext(currentTarget);
          desk.remove(chip.key);
        }}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}

/** The draft's chips; a session that was made here takes over those of the start page. */
function useDraftChips(desk: Desk, draft: string): Chip[] {
  const returned = useStore(useApp().shell, (context) => context.returned);
  const before = useRef(draft);
  useEffect(() => {
    if (before.current !== draft) desk.move(before.current, draft);
    before.current = draft;
    void desk.open(draft);
  }, [desk, draft, returned]);
  const all = useStore(desk.store, (context) => context.chips);
  return useMemo(() => all.filter((chip) => chip.draft === draft), [all, draft]);
}

/** Where files go that are chosen: the draft that is on screen. */
let give: (files: File[]) => void = () => {};

/** Asks the browser for files. */
export function pick(): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.onchange = () => give([...(input.files ?? [])]);
  input.click();
}

/** Files that are dropped on the pane, pasted into the message or chosen go to the draft. */
function useGifts(desk: Desk, draft: string): RefObject<HTMLDivElement | null> {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    give = (files) => void desk.add(draft, files);
    return watchGifts(place.current!, give, words.drop);
  }, [desk, draft]);
  return place;
}

export interface TrayProps {
  session_id: string | null;
  setHeld: (held: Held) => void;
  /** what is said under the chips: what the message waits for */
  hint: 'text' | 'files' | null;
}

export function Tray({ session_id, setHeld, hint }: TrayProps) {
  const desk = deskOf(useApp());
  const draft = draftOf(session_id);
  const chips = useDraftChips(desk, draft);
  const place = useGifts(desk, draft);
  useEffect(() => {
    const why = chips.some((chip) => chip.state === 'failed') ? words.stuck : null;
    const waits = chips.some(isRunning) ? words.sendWaits : null;
    setHeld({ count: chips.length, waits, why, take: () => desk.take(draft) });
  }, [desk, draft, chips, setHeld]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: files are no form fields
    <div className="files" ref={place} role="group" aria-label={words.name} hidden={chips.length === 0}>
      <ul>
        {chips.map((chip) => (
          <Item key={chip.key} chip={chip} desk={desk} />
        ))}
      </ul>
      {hint && <p className="dim">{hint === 'text' ? words.wantsText : words.waits}</p>}
    </div>
  );
}
