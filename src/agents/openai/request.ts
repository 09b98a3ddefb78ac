// One request to the endpoint: its model, its deadline, what its wire saw, and the one way to give it up.
import type { Clock } from '../../protocol/index.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import { type ChatModel, chatModel, type Endpoint } from './model.ts';
import type { ConnectingFetch } from './transport.ts';
import { createWire, isNoStream, type Wire, watchResponse } from './wire.ts';

export interface ModelRequest {
  model: ChatModel;
  /** hand it to the SDK's call */
  signal: AbortSignal;
  deadline: Deadline;
  wire: Wire;
  /** Gives up what still runs. Idempotent; afterwards no timer and no connection of this request is left. */
  close(): void;
}

export interface RequestOptions {
  endpoint: Endpoint;
  model: string;
  /** a stream of events, or one JSON document */
  answer: 'stream' | 'json';
  fetch: ConnectingFetch;
  clock: Clock;
  signal: AbortSignal;
  onBytes(): void;
}

export function createRequest(of: RequestOptions): ModelRequest {
  const { signal, onBytes } = of;
  const control = new AbortController();
  const giveUp = () => control.abort();
  const deadline = createDeadline(of.clock, giveUp);
  const wire = createWire();
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });

  let isConnected = false;
  const onConnected = () => {
    if (isConnected) return;
    isConnected = true;
    deadline.wait('first_token_timeout');
    onBytes();
  };

  const fetch: ConnectingFetch = async (url, init) => {
    // The SDK takes a few turns to come here: the run may be over by now.
    control.signal.throwIfAborted();
    deadline.wait('connect_timeout');
    const response = await of.fetch(url, { ...init, onConnected });
    const watched = watchResponse(response, wire, onBytes);
    if (of.answer === 'stream' && response.ok && isNoStream(wire)) {
      await watched.body?.cancel();
      throw new TypeError('the endpoint answered with a document instead of a stream');
    }
    return watched;
  };

  return {
    model: chatModel(of.endpoint, of.model, fetch),
    signal: control.signal,
    deadline,
    wire,
    close() {
      signal.removeEventListener('abort', giveUp);
      deadline.close();
      giveUp();
    },
  };
}
