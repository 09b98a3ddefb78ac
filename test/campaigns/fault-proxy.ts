// Fault 13: a proxy that cuts every connection again and again, and one that holds back what it should pass on. Readers come
// back with their cursors; who is behind a buffer is late, and misses nothing.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { openGate } from '../browser/gate.ts';
import { createClient } from '../support/client.ts';
import { type FaultCampaign, follow, followers, startRuns, withServer } from './crowd.ts';
import { createHistory, readWhole } from './history.ts';

/** A minute of the real world, and the time that a reader waits before it comes back, are scaled alike. */
const MINUTE_MS = 600;
const SHARE = MINUTE_MS / 60_000;
const BUFFER_BYTES = 16 * 1024;

/** Passes on what the server says in pieces of BUFFER_BYTES, or when it ends. */
async function openBuffer(target: string): Promise<{ url: string; close(): void }> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    keep(near);
    keep(far);
    near.pipe(far);
    let held: Buffer[] = [];
    const pass = () => {
      near.write(Buffer.concat(held));
      held = [];
    };
    far.on('data', (part) => {
      held.push(part);
      // What ends a response is passed on: a proxy that holds that back never ends one.
      const isEnd = part.subarray(-5).toString('latin1') === '0\r\n\r\n';
      if (isEnd || held.reduce((sum, { length }) => sum + length, 0) >= BUFFER_BYTES) pass();
    });
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

export const proxyCampaign: FaultCampaign = (scale) =>
  withServer({}, async (server, client) => {
    const history = createHistory();
    const seconds = scale === 'whole' ? 20 : 2;
    const streams = await startRuns(client, history, 4, `tokens=${seconds * 100} rate=100`);
    const [gate, buffer] = await Promise.all([openGate(server.url), openBuffer(server.url)]);
    const cuts = setInterval(() => gate.cut(), MINUTE_MS);
    const patience = { share: SHARE, waits: [] };
    const cut_off = followers(history, streams, scale === 'whole' ? 25 : 5);
    const behind = followers(history, streams, 2);
    try {
      await Promise.all([
        ...cut_off.map((each) => follow(each, createClient(gate.url), patience)),
        ...behind.map((each) => follow(each, createClient(buffer.url), { share: SHARE, waits: [] })),
      ]);
    } finally {
      clearInterval(cuts);
      buffer.close();
      await gate.close();
    }
    for (const stream_id of streams) await readWhole(history, client, stream_id);
    const { given } = history.judge('proxy');
    const breaks = patience.waits.length;
    if (breaks < cut_off.length)
      throw new Error(`${breaks} breaks of ${cut_off.length} readers show nothing`);
    return `proxy: ${cut_off.length} readers cut off ${breaks} times, every ${MINUTE_MS} ms, and ${behind.length} behind a buffer of ${BUFFER_BYTES / 1024} KiB: ${given} frames given, each once a reader, in order`;
  });
