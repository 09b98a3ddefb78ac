// What this device wants to be called for, where page and service worker both can read it: the worker has no other storage
// that is as simple. What can't be kept is the default.
import * as z from 'zod/mini';
import { NOTICE_KINDS, type NoticeKind } from '../../protocol/notices.ts';

const CACHE = 'weir-notices';
const ENTRY = '/kinds';
const kindsSchema = z.array(z.enum(NOTICE_KINDS));

export async function keepKinds(kinds: readonly NoticeKind[]): Promise<void> {
  try {
    await (await caches.open(CACHE)).put(ENTRY, new Response(JSON.stringify(kinds)));
  } catch {
    // See above.
  }
}

export async function keptKinds(): Promise<NoticeKind[]> {
  try {
    const kept = await (await caches.open(CACHE)).match(ENTRY);
    return kindsSchema.parse(await kept?.json());
  } catch {
    return ['waiting'];
  }
}
