// One source after the other, without a gap: the one there is goes on until the next has opened. Knows no session.
import type { SourceListener } from './source.ts';

export interface Succession {
  /** `began`: the next has opened, and nothing more comes of the one before. */
  open(path: string, began: () => void): void;
  /** A next one was asked for, and has neither opened nor failed. */
  readonly isOpening: boolean;
  /** The server has ended the one there is. */
  end(): void;
  close(): void;
}

type Open = (path: string, listener: SourceListener) => () => void;

/** The listener is told of the one there is; of its failure only while no next one is under way, which has its own. */
export function createSuccession(open: Open, listener: SourceListener): Succession {
  let current: { close(): void } | null = null;
  let next: { close(): void } | null = null;

  function end(): void {
    current?.close();
    current = null;
  }

  function opened(mine: { close(): void }, began: () => void): void {
    if (next !== mine) return;
    end();
    next = null;
    current = mine;
    began();
    listener.opened();
  }

  function failed(mine: { close(): void }): void {
    if (next === mine) next = null;
    else if (current === mine) current = null;
    else return;
    if (next === null) listener.failed();
  }

  return {
    open(path, began) {
      next?.close();
      const mine = { close() {} };
      next = mine;
      mine.close = open(path, {
        opened: () => opened(mine, began),
        event(name, id, data) {
          if (current === mine) listener.event(name, id, data);
        },
        failed: () => failed(mine),
      });
    },
    get isOpening() {
      return next !== null;
    },
    end,
    close() {
      next?.close();
      next = null;
      end();
    },
  };
}
