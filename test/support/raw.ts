// A client without manners: bytes into a socket, bytes out. For what no HTTP library would send, and for readers that stop.
import { connect, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

export interface RawAnswer {
  status: number;
  /** names in lower case */
  headers: Record<string, string>;
  /** as it came: chunk sizes and all */
  body: string;
}

export interface RawConnection {
  socket: Socket;
  /** Everything that came so far. */
  text(): string;
  /** Resolves with the text as soon as it `is`; rejects when the connection ends before. */
  until(is: (text: string) => boolean): Promise<string>;
  /** Resolves when the connection has ended, however. */
  closed: Promise<void>;
}

/** A connection that sends `head` at once and keeps what comes. */
export function openRaw(url: string, head: string | Buffer): RawConnection {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // Put together as it comes: who looks at each part of 20 MB must not decode all of it each time.
  const decoder = new StringDecoder('utf8');
  let said = '';
  let isOver = false;
  const waiting = new Set<() => void>();
  const text = () => said;
  const look = () => {
    for (const each of waiting) each();
  };
  socket.on('data', (part) => {
    said += decoder.write(part);
    look();
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  closed.then(() => {
    isOver = true;
    look();
  });
  socket.write(head);
  return {
    socket,
    text,
    until: (is) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const now = text();
          if (is(now)) resolve(now);
          else if (isOver) reject(new Error(`the connection ended after:\n${now.slice(0, 500)}`));
          else return;
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      }),
    closed,
  };
}

/** The head of a request, with our Host. `lines`: further headers. */
export const headOf = (url: string, method: string, path: string, ...lines: string[]): string =>
  `${[`${method} ${path} HTTP/1.1`, `Host: ${new URL(url).host}`, ...lines].join('\r\n')}\r\n\r\n`;

export function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(first.split(' ')[1]), headers, body: text.slice(end + 4) };
}

/** Sends bytes as they are and reads until the answer's head and, where it announces a length, its body are here. */
export async function rawRequest(url: string, bytes: string | Buffer): Promise<RawAnswer> {
  const connection = openRaw(url, bytes);
  const text = await connection.until((now) => {
    const end = now.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const { headers, body } = parseAnswer(now);
    return Buffer.byteLength(body) >= Number(headers['content-length'] ?? 0);
  });
  connection.socket.destroy();
  return parseAnswer(text);
}

/** Rejects when `promise` takes longer: a long-lived route answers, or the test says which one did not. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, bound]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lesson 31: the wall clock for a route that stays open. */
export const HANDLER_MS = 2_000;
