// Which way this width has the drawer: as a column, or over the page.
export const WIDE = '(min-width: 1180px)';

export const isWide = (): boolean => matchMedia(WIDE).matches;

/** Shows or hides the drawer. */
export function switchDrawer(trigger: (open: boolean) => void, isOpen: boolean): void {
  if (isWide()) trigger(!isOpen);
  else document.getElementById('drawer')?.togglePopover();
}
