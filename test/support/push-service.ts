// A push service and a device on this machine: it takes pushes over TLS as the real ones do, and opens and verifies them by
// the RFCs' own words, with nothing of what sealed them.
import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  type ECDH,
  hkdfSync,
  randomBytes,
  verify,
} from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Notice, noticeSchema, type PushSubscriptionInput } from '../../src/protocol/index.ts';
import { createCertificate } from './certificate.ts';

export interface Push {
  path: string;
  headers: IncomingHttpHeaders;
  notice: Notice;
  /** what the signature says, once it was verified; by the key that it names */
  claims: { aud: string; exp: number; sub: string };
  key: string;
}

export interface Device {
  subscription: PushSubscriptionInput;
  open(body: Buffer): string;
}

const text = (...parts: (string | Uint8Array)[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const derive = (key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) =>
  Buffer.from(hkdfSync('sha256', key, salt, info, length));

/** Source: RFC 8188 §2, RFC 8291 §3.4. */
function openBody(body: Buffer, device: ECDH, auth: Buffer): string {
  const salt = body.subarray(0, 16);
  const server = body.subarray(21, 21 + body.readUInt8(20));
  const sealed = body.subarray(21 + server.length);
  const info = text('WebPush: info\0', device.getPublicKey(), server);
  const secret = derive(device.computeSecret(server), auth, info, 32);
  const key = derive(secret, salt, text('Content-Encoding: aes128gcm\0'), 16);
  const nonce = derive(secret, salt, text('Content-Encoding: nonce\0'), 12);
  const cipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  return padded.subarray(0, padded.lastIndexOf(2)).toString('utf8');
}

export function createDevice(endpoint: string, fields: Partial<PushSubscriptionInput> = {}): Device {
  const pair = createECDH('prime256v1');
  const p256dh = pair.generateKeys('base64url');
  const auth = randomBytes(16);
  return {
    subscription: { endpoint, keys: { p256dh, auth: auth.toString('base64url') }, ...fields },
    open: (body) => openBody(body, pair, auth),
  };
}

/** Source: RFC 8292 §2, §3. @throws when the signature is not right */
function verifyClaims(authorization: string): Pick<Push, 'claims' | 'key'> {
  const [, jwt = '', key = ''] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(authorization) ?? [];
  const [head = '', claims = '', signature = ''] = jwt.split('.');
  const point = Buffer.from(key, 'base64url');
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const isRight = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isRight) throw new Error('the signature of a push is not right');
  return { claims: JSON.parse(Buffer.from(claims, 'base64url').toString()), key };
}

export interface PushService {
  origin: string;
  /** PEM, for who connects */
  ca: string;
  /** what came, opened and verified, in order */
  pushes: Push[];
  /** A device that subscribed here; its endpoint is `/<name>`. */
  device(name: string, fields?: Partial<PushSubscriptionInput>): PushSubscriptionInput;
  /** How it answers the next requests, one each; 201 when nothing is left. */
  answers: ({ status: number; headers?: Record<string, string> } | 'never')[];
  /** Resolves when so many pushes came, of that tag. */
  came(count: number, tag?: string): Promise<Push[]>;
  close(): Promise<void>;
}

export async function startPushService(): Promise<PushService> {
  const { key, cert } = createCertificate();
  const devices = new Map<string, Device>();
  const pushes: Push[] = [];
  const answers: PushService['answers'] = [];
  let waiting: { count: number; tag: string | undefined; resolve: (all: Push[]) => void }[] = [];
  const pushesOf = (tag: string | undefined) =>
    pushes.filter(({ notice }) => tag === undefined || notice.tag === tag);
  const server = createServer({ key, cert }, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const { headers, url: path = '' } = request;
      const device = devices.get(path);
      if (!device) return void response.writeHead(404).end();
      const notice = noticeSchema.parse(JSON.parse(device.open(Buffer.concat(parts))));
      pushes.push({ path, headers, notice, ...verifyClaims(headers.authorization ?? '') });
      const answer = answers.shift() ?? { status: 201 };
      if (answer !== 'never') response.writeHead(answer.status, answer.headers).end();
      waiting = waiting.filter(
        ({ count, tag, resolve }) => pushesOf(tag).length < count || resolve(pushesOf(tag)),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    ca: cert,
    pushes,
    answers,
    device(name, fields) {
      const device = createDevice(`${origin}/${name}`, fields);
      devices.set(`/${name}`, device);
      return device.subscription;
    },
    came: (count, tag) =>
      new Promise((resolve) => {
        if (pushesOf(tag).length >= count) resolve(pushesOf(tag));
        else waiting.push({ count, tag, resolve });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
