// A notice as a push: encrypted for one device (RFC 8291), signed with our keys (RFC 8292), and told how long it is of use.
// Knows no connection.
import { createHash } from 'node:crypto';
import webPush from 'web-push';
import type { Notice, PushSubscriptionInput } from '../protocol/index.ts';
import type { PushKeys } from './keys.ts';

/** Characters of a topic. Source: RFC 8030 §5.4. */
const TOPIC_LENGTH_MAX = 32;

export interface Sealed {
  endpoint: string;
  headers: Record<string, string | number>;
  body: Buffer;
}

export interface Seal {
  subscription: PushSubscriptionInput;
  notice: Notice;
  /** how long a push service keeps it for a device that is off */
  ttl_seconds: number;
}

/** A notice and its withdrawal share a topic: of what a device has not fetched yet, only the newest reaches it. */
const topicOf = (tag: string): string =>
  createHash('sha256').update(tag).digest('base64url').slice(0, TOPIC_LENGTH_MAX);

/** `subject`: whom a push service may write to, an https or mailto URL. @throws for keys of a device that are none */
export function seal({ subscription, notice, ttl_seconds }: Seal, keys: PushKeys, subject: string): Sealed {
  const { endpoint, keys: device } = subscription;
  const { headers, body } = webPush.generateRequestDetails(
    { endpoint, keys: device },
    JSON.stringify(notice),
    {
      vapidDetails: { subject, publicKey: keys.public_key, privateKey: keys.private_key },
      contentEncoding: 'aes128gcm',
      TTL: ttl_seconds,
      urgency: notice.type === 'show' ? 'high' : 'normal',
      topic: topicOf(notice.tag),
    },
  );
  return { endpoint, headers: headers as Sealed['headers'], body: body as Buffer };
}
