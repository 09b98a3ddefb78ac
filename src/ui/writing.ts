// Who writes is left alone: also when the field leaves under their hands, because somebody else answered, or a run began. They
// don't see it at once, and what they go on typing is no command and presses nothing. Knows no view.

/** So long without a key, and one has seen that the field is gone. */
export const LOOKS_UP_AFTER_MS = 1_000;

export const isWriting = (target: EventTarget | null): target is HTMLElement =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Keys by which one leaves a field, or means something else than a letter. */
const isMeant = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean =>
  ctrlKey || metaKey || altKey || key === 'Escape' || key === 'Tab';

/** Before anybody else hears of a key. What is returned ends it. */
export function guardLostFields(): () => void {
  const abort = new AbortController();
  const options = { capture: true, signal: abort.signal };
  let field: HTMLElement | null = null;
  let wroteAt = 0;

  function onKey(event: KeyboardEvent): void {
    const { target, timeStamp } = event;
    if (isWriting(target)) {
      if (event.type === 'keyup') return;
      // With Enter one sends, and puts the field away oneself.
      field = event.key === 'Enter' ? null : target;
      wroteAt = timeStamp;
      return;
    }
    // A field that is still there was left.
    const isLost = field !== null && !field.isConnected && timeStamp - wroteAt < LOOKS_UP_AFTER_MS;
    if (!isLost || isMeant(event)) {
      if (event.type === 'keydown') field = null;
      return;
    }
    wroteAt = timeStamp;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  addEventListener('keydown', onKey, options);
  // Some browsers press a button when the space bar comes up.
  addEventListener('keyup', onKey, options);
  addEventListener(
    'pointerdown',
    () => {
      field = null;
    },
    options,
  );
  return () => abort.abort();
}
