// What a page finds around it: a document and a window that tell events, `fetch`, and an event source, over the simulated
// network. Knows nothing of what the page does with them.

import type { SourceListener } from '../../src/ui/line/source.ts';
import { FRAME_NAMES, SESSION_RECORD_NAMES } from '../../src/ui/record-names.ts';
import type { Scheduler, SimNode } from './clock.ts';
import { createEventParser } from './event-parser.ts';
import type { Connection, Network } from './network.ts';
import type { PageGlobals } from './traps.ts';

export interface Page {
  readonly globals: PageGlobals;
  readonly isHidden: boolean;
  openSource(path: string, listener: SourceListener): () => void;
  tell(of: 'document' | 'window', name: string): void;
  show(isShown: boolean): void;
  /** The network is gone: what is open ends. */
  cutAll(): void;
  /** The browser closes what the page had open. */
  gone(): void;
}

type Listener = (event: { persisted: boolean }) => void;

function target() {
  const listeners = new Map<string, Set<Listener>>();
  return {
    addEventListener(name: string, listener: Listener, options: { signal?: AbortSignal } = {}) {
      const of = listeners.get(name) ?? new Set();
      listeners.set(name, of.add(listener));
      options.signal?.addEventListener('abort', () => of.delete(listener));
    },
    removeEventListener: (name: string, listener: Listener) => void listeners.get(name)?.delete(listener),
    tell(name: string) {
      for (const listener of [...(listeners.get(name) ?? [])]) listener({ persisted: true });
    },
  };
}

const RECORD_NAMES = new Set([...FRAME_NAMES, ...SESSION_RECORD_NAMES]);

export function createPage(ports: {
  node: SimNode;
  scheduler: Scheduler;
  network: Network;
  owner: string;
}): Page {
  const { node, network, owner } = ports;
  const document = { ...target(), hidden: false };
  const window = target();
  const open = new Set<Connection>();

  function openSource(path: string, listener: SourceListener): () => void {
    let isOpen = true;
    const parser = createEventParser();
    const failed = () => {
      open.delete(connection);
      if (!isOpen) return;
      isOpen = false;
      listener.failed();
    };
    const connection = network.connect(
      { method: 'GET', path, headers: { owner }, body: null },
      {
        node,
        opened: () => isOpen && listener.opened(),
        bytes(bytes) {
          for (const { event, id, data } of parser.take(bytes))
            if (isOpen) listener.event(event, RECORD_NAMES.has(event) ? id : '', data);
        },
        answered: failed,
        closed: failed,
      },
    );
    open.add(connection);
    return () => {
      isOpen = false;
      open.delete(connection);
      connection.close();
    };
  }

  const fetch = (path: string, { method = 'GET', body = null, headers = {}, signal }: RequestInit = {}) =>
    new Promise((resolve, reject) => {
      const fail = () => {
        open.delete(connection);
        reject(new TypeError('the network failed'));
      };
      const given = headers as Record<string, string>;
      const client = given['Weir-Client'];
      const connection = network.connect(
        {
          method,
          path,
          headers: { owner, ...(client !== undefined && { 'weir-client': client }) },
          body: body as string | null,
        },
        {
          node,
          opened() {},
          bytes() {},
          answered(status, text) {
            open.delete(connection);
            const json = () => Promise.resolve(text === '' ? undefined : JSON.parse(text));
            resolve({ ok: status < 400, status, json });
          },
          closed: fail,
        },
      );
      open.add(connection);
      signal?.addEventListener('abort', () => {
        connection.close();
        fail();
      });
    });

  return {
    globals: { document, window, fetch: fetch as unknown as PageGlobals['fetch'] },
    get isHidden() {
      return document.hidden;
    },
    openSource,
    tell: (of, name) => (of === 'document' ? document : window).tell(name),
    show(isShown) {
      document.hidden = !isShown;
      document.tell('visibilitychange');
    },
    cutAll() {
      for (const connection of [...open]) connection.cut();
    },
    gone() {
      for (const connection of open) connection.close();
      open.clear();
    },
  };
}
