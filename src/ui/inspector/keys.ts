// The arrow keys step through time wherever one is on the page, but where they have a meaning of their own.

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };
const OWN = 'input, select, textarea, [contenteditable]';

/** What is wider than its frame is moved by the same keys. */
function movesSideways(target: Element): boolean {
  for (let frame: Element | null = target; frame && frame !== document.body; frame = frame.parentElement)
    if (frame.scrollWidth > frame.clientWidth && /auto|scroll/.test(getComputedStyle(frame).overflowX))
      return true;
  return false;
}

/** 0: the key is not meant for us */
export function stepOf(event: KeyboardEvent): number {
  const { target, altKey, ctrlKey, metaKey, shiftKey } = event;
  const by = STEPS[event.key] ?? 0;
  if (by === 0 || event.defaultPrevented || altKey || ctrlKey || metaKey || shiftKey) return 0;
  return target instanceof Element && (target.matches(OWN) || movesSideways(target)) ? 0 : by;
}
