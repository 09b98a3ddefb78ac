// The drawer's frame: beside the page where there is room, over it where there is not, a sheet on a phone.
import { type KeyboardEvent, lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { DrawerTab } from '../shell-store.ts';
import { shownRun } from '../shown-run.ts';
import { en } from '../text/en.ts';
import { enTranscript } from '../text/en-transcript.ts';
import { useApp, useStore } from './context.tsx';
import { isWide, WIDE } from './drawer-switch.ts';
import { Guard } from './guard.tsx';
import { useOver } from './use-over.ts';

const DrawerBody = lazy(() => import('../drawer/drawer-body.tsx'));
const TABS: DrawerTab[] = ['state', 'log'];
const words = en.drawer;

export function Drawer() {
  const { shell, pane } = useApp();
  const hasRun = useStore(pane, (context) => shownRun(context) !== null);
  const isCopied = useStore(pane, (context) => context.messages.length > 0);
  const { tab, drawer, drawer_stream_id } = useStore(shell, (context) => context);
  const [isOver, setOver] = useState(false);
  const root = useRef<HTMLElement>(null);
  useEffect(() => {
    // Asked for by a receipt: where it is no column, it comes over the page.
    if (drawer_stream_id !== null && !isWide()) root.current?.showPopover();
  }, [drawer_stream_id]);
  useEffect(() => {
    const over = root.current;
    const media = matchMedia(WIDE);
    const widen = (): void => {
      if (media.matches && over?.matches(':popover-open')) over.hidePopover();
    };
    media.addEventListener('change', widen);
    return () => media.removeEventListener('change', widen);
  }, []);
  const close = (): void => {
    if (root.current?.matches(':popover-open')) root.current.hidePopover();
    else shell.trigger.drawerSwitched({ open: false });
  };
  useOver(isOver, () => root.current?.hidePopover());
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const next: DrawerTab = tab === 'state' ? 'log' : 'state';
    shell.trigger.tabChosen({ tab: next });
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <aside
      id="drawer"
      className="drawer"
      popover="auto"
      aria-label={words.name}
      ref={root}
      onToggle={(event) => setOver(event.newState === 'open')}
    >
      <div className="tabs">
        <div role="tablist" aria-label={words.name} onKeyDown={onKeyDown}>
          {TABS.map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-selected={tab === name}
              aria-controls="drawer-panel"
              tabIndex={tab === name ? 0 : -1}
              onClick={() => shell.trigger.tabChosen({ tab: name })}
            >
              {words[name]}
            </button>
          ))}
        </div>
        <button type="button" className="btn bare push" onClick={close}>
          {words.close}
        </button>
      </div>
      <div
        id="drawer-panel"
        className="drawer-body"
        role="tabpanel"
        aria-labelledby={`tab-${tab}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
      >
        {!hasRun && <p className="dim">{isCopied ? enTranscript.noRuns : words.none}</p>}
        <Guard>
          <Suspense fallback={null}>{hasRun && (isOver || (drawer && isWide())) && <DrawerBody />}</Suspense>
        </Guard>
      </div>
    </aside>
  );
}
