// What the keys of the page do. Each matches what is typed, not where it lies; whoever writes is left alone.
import type { App } from '../app.ts';
import { waitingTasks } from '../board/board-feed.ts';
import { grouped } from '../list-store.ts';
import { currentPlace } from '../router.ts';
import { guardLostFields, isWriting } from '../writing.ts';
import { isWide, switchDrawer } from './drawer-switch.ts';

/** So long a key that begins a pair of keys waits for the other. */
const PAIR_MS = 1500;
const WIDER_THAN_PHONE = '(min-width: 640px)';

const isBoard = (): boolean => currentPlace().page === 'board';

function openNeighbour(app: App, by: 1 | -1): void {
  const { sessions } = app.list.getSnapshot().context;
  const order = grouped(sessions, Date.now()).flatMap((group) => group.sessions);
  const { session_id } = app.pane.getSnapshot().context;
  const at = order.findIndex((session) => session.session_id === session_id);
  const next = order[at < 0 ? 0 : at + by];
  if (next) app.commands.open(next.session_id);
  // The rest of the list comes when one arrives there.
  if (at + by >= order.length - 1) void app.commands.moreSessions();
}

/** The next session that waits for a person, after the one on screen; on the board the next card. */
function goToWaiting(app: App): void {
  if (isBoard()) {
    const cards = [...document.querySelectorAll<HTMLElement>('.board .ask[data-prompt-id]')];
    const at = cards.findIndex((card) => card.contains(document.activeElement));
    cards[(at + 1) % cards.length]?.focus();
    return;
  }
  const waiting = waitingTasks(app.board.getSnapshot().context);
  const { session_id } = app.pane.getSnapshot().context;
  const at = waiting.findIndex((task) => task.session_id === session_id);
  const next = waiting[(at + 1) % waiting.length];
  if (next) app.commands.open(next.session_id);
}

function pressPair(app: App, key: string): boolean {
  if (key === 'b') app.commands.openBoard();
  else if (key === 'w') goToWaiting(app);
  else return false;
  return true;
}

function goToTurn(by: 1 | -1): void {
  const log = document.getElementById('transcript');
  if (!log) return;
  const top = log.getBoundingClientRect().top;
  const turns = [...log.querySelectorAll<HTMLElement>('[data-turn]')];
  const tops = turns.map((turn) => turn.getBoundingClientRect().top - top);
  const next =
    by === 1
      ? turns[tops.findIndex((offset) => offset > 2)]
      : turns[tops.findLastIndex((offset) => offset < -2)];
  next?.scrollIntoView({ block: 'start' });
}

function switchSide(app: App): void {
  if (matchMedia(WIDER_THAN_PHONE).matches) app.shell.trigger.sideSwitched({});
  else document.getElementById('side')?.togglePopover();
}

const focusMessage = (): void => document.querySelector<HTMLElement>('.compose textarea')?.focus();

function press(app: App, event: KeyboardEvent): boolean {
  if (/^[1-9]$/.test(event.key)) return !event.repeat && pressOnCard(`[data-digit="${event.key}"]`);
  switch (event.key) {
    case '?':
      app.shell.trigger.dialogOpened({ dialog: 'help' });
      return true;
    case 'n':
      app.commands.newSession();
      return true;
    case 'j':
      openNeighbour(app, 1);
      return true;
    case 'k':
      openNeighbour(app, -1);
      return true;
    case '[':
      goToTurn(-1);
      return true;
    case ']':
      goToTurn(1);
      return true;
    case 'i':
      focusMessage();
      return true;
    case 'd':
      if (isBoard()) return false;
      switchDrawer(
        (open) => app.shell.trigger.drawerSwitched({ open }),
        app.shell.getSnapshot().context.drawer,
      );
      return true;
  }
  return false;
}

/** Escape closes the top thing. Dialogs and what floats close by themselves. */
function closeTop(app: App): void {
  const { dialog } = app.shell.getSnapshot().context;
  if (dialog !== null || document.querySelector(':popover-open')) return;
  const { activeElement } = document;
  if (isWriting(activeElement)) activeElement.blur();
  else if (app.pane.getSnapshot().context.alert !== null) app.commands.dismissAlert();
  else if (app.pane.getSnapshot().context.resumed !== null) app.commands.dismissResumed();
  else if (isWide() && !isBoard()) app.shell.trigger.drawerSwitched({ open: false });
}

/** Never a bare Enter: an approval has keys of its own, and they work from everywhere. */
function decisionOf(event: KeyboardEvent): 'allow_once' | 'reject_once' | null {
  if (!(event.ctrlKey || event.metaKey) || !event.altKey || event.shiftKey) return null;
  if (event.key === 'Enter') return 'allow_once';
  return event.key === 'Backspace' ? 'reject_once' : null;
}

/** Presses a button of the card that waits; of the board's many cards, of the one that has the focus. False: there is none. */
function pressOnCard(which: string): boolean {
  const card = `.asks [data-prompt-state="pending"]${isBoard() ? ':focus-within' : ''}`;
  const button = document.querySelector<HTMLButtonElement>(`${card} ${which}:enabled`);
  // CQ11: a card that has just come takes no key that was meant for the one before it.
  if (!button?.closest('[aria-disabled]')) button?.click();
  return button !== null;
}

/** Keys with Ctrl or ⌘ that work from everywhere, fields included. */
function pressEverywhere(app: App, event: KeyboardEvent): boolean {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return false;
  const { dialog } = app.shell.getSnapshot().context;
  switch (event.key.toLowerCase()) {
    case 'b':
      if (!isBoard()) switchSide(app);
      return true;
    case 'k':
      if (dialog === null) app.shell.trigger.dialogOpened({ dialog: 'palette' });
      return true;
  }
  return false;
}

/** Takes every key that is pressed, one after the other: some are pairs. Once a page. */
export function createKeys(app: App): (event: KeyboardEvent) => void {
  guardLostFields();
  let pairBegan = -Infinity;
  return (event) => {
    if (pressEverywhere(app, event)) {
      event.preventDefault();
      return;
    }
    const decision = decisionOf(event);
    if (decision && app.shell.getSnapshot().context.dialog === null) {
      if (!event.repeat && pressOnCard(`[data-grant="${decision}"]`)) event.preventDefault();
      return;
    }
    if (event.key === 'Escape') {
      closeTop(app);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    if (app.shell.getSnapshot().context.dialog !== null) return;
    const isPair = event.timeStamp - pairBegan < PAIR_MS;
    pairBegan = event.key === 'g' && !isPair ? event.timeStamp : -Infinity;
    if (isPair ? pressPair(app, event.key) : press(app, event)) event.preventDefault();
  };
}
