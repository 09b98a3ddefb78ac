// A part of the page that fails takes only itself down (lesson 90): the rest goes on. What didn't load comes with a reload
// only: a browser remembers a module that failed for as long as the page lives.
import { Component, type ReactNode } from 'react';
import { en } from '../text/en.ts';

export class Guard extends Component<{ children: ReactNode }, { why: string | null }> {
  override state = { why: null as string | null };

  static getDerivedStateFromError(error: unknown): { why: string } {
    return { why: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { why } = this.state;
    if (why === null) return this.props.children;
    return (
      <div className="empty-pane" role="alert">
        <p>{en.guard.failed}</p>
        <p className="mono">{why}</p>
        <button type="button" className="btn" onClick={() => location.reload()}>
          {en.guard.again}
        </button>
      </div>
    );
  }
}
