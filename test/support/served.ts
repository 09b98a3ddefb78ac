// A server for the tests of one file, with a client of it: started before the first of them, stopped after the last.
import { afterAll, beforeAll } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { TestSettings } from '../../src/server.ts';
import { type Client, createClient } from './client.ts';
import { type Running, startTestServer, type TestServer } from './server.ts';

export interface Served extends Running {
  readonly client: Client;
}

/** `changes`: over the defaults; `test`: smaller bounds, and faults. */
export function served(changes: Partial<Config> = {}, test: TestSettings = {}): Served {
  let weir: TestServer;
  beforeAll(async () => {
    weir = await startTestServer(changes, test);
  });
  afterAll(() => weir.close());
  return {
    client: createClient(() => weir.url),
    get url() {
      return weir.url;
    },
    get folder() {
      return weir.folder;
    },
    get server() {
      return weir.server;
    },
  };
}
