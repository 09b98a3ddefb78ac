// A part of the page that scrolls, and so must be reachable by keyboard.
import type { ReactNode, Ref } from 'react';

interface ScrollerProps {
  label: string;
  className?: string;
  children: ReactNode;
  ref?: Ref<HTMLDivElement>;
}

export const Scroller = ({ label, className, children, ref }: ScrollerProps) => (
  // biome-ignore lint/a11y/useSemanticElements: a scrolling part is no form field set
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
  <div ref={ref} className={className} role="group" aria-label={label} tabIndex={0}>
    {children}
  </div>
);
