// A browser's subscription as the server takes it. Browsers add fields of their own to theirs; the server refuses those.
import type { NoticeKind, PushSubscriptionInput } from '../../protocol/notices.ts';

export function subscriptionBody(
  subscription: Pick<PushSubscription, 'endpoint' | 'toJSON'>,
  kinds: readonly NoticeKind[],
): PushSubscriptionInput {
  const { p256dh = '', auth = '' } = subscription.toJSON().keys ?? {};
  return { endpoint: subscription.endpoint, keys: { p256dh, auth }, kinds: [...kinds] };
}
