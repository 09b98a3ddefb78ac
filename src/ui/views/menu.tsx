// A button and the menu that it opens: over everything, closed by Escape and by a press elsewhere. The menu's rows come with
// their own chunk; what stands in one knows its session.
import { lazy, type ReactNode, Suspense, useLayoutEffect, useRef, useState } from 'react';
import { Guard } from './guard.tsx';
import { Icon } from './icon.tsx';

const GAP_PX = 4;
const EDGE_PX = 8;

export const SessionMenu = lazy(() => import('./session-menu.tsx'));
export const ListMenu = lazy(() => import('./list-menu.tsx'));

interface MenuButtonProps {
  label: string;
  className?: string;
  /** the rows; each closes the menu before it acts */
  children: (close: () => void) => ReactNode;
}

function Popover({ button, close, children }: { button: HTMLElement; close(): void; children: ReactNode }) {
  const root = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    const menu = root.current;
    if (!menu) return;
    menu.showPopover();
    const at = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = menu;
    const below = at.bottom + GAP_PX;
    const top = below + height > innerHeight - EDGE_PX ? at.top - GAP_PX - height : below;
    const left = Math.min(at.right - width, innerWidth - width - EDGE_PX);
    menu.style.top = `${Math.max(EDGE_PX, top)}px`;
    menu.style.left = `${Math.max(EDGE_PX, left)}px`;
    menu.querySelector('button')?.focus();
  }, [button]);
  return (
    <ul
      ref={root}
      className="menu"
      popover="auto"
      onToggle={(event) => event.newState === 'closed' && close()}
    >
      {children}
    </ul>
  );
}

export function MenuButton({ label, className = '', children }: MenuButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  const close = (): void => {
    setOpen(false);
    button.current?.focus({ preventScroll: true });
  };
  return (
    <div className={`menu-frame ${className}`}>
      <button
        ref={button}
        type="button"
        className="tool-btn"
        aria-label={label}
        title={label}
        aria-expanded={isOpen}
        // To an open menu its button is elsewhere: the press closes it, and the click must not open it again.
        onPointerDown={() => {
          wasOpen.current = isOpen;
        }}
        onClick={() => {
          setOpen(!isOpen && !wasOpen.current);
          wasOpen.current = false;
        }}
      >
        <Icon name="more" className="dots" />
      </button>
      {isOpen && button.current && (
        <Guard>
          <Suspense fallback={null}>
            <Popover button={button.current} close={() => setOpen(false)}>
              {children(close)}
            </Popover>
          </Suspense>
        </Guard>
      )}
    </div>
  );
}
