// Notices as a port: what the routes and the composition ask of them. Whoever calls people by other means keeps this.
import type { BoardEvent, PushSubscriptionInput, Task } from '../protocol/index.ts';

/** As much of an owner's board as notices need; it keeps the promises of BR1 to BR4. */
export interface WatchedBoard {
  /** number of its newest event */
  head(): number;
  tasks(): Iterable<Task>;
  /** What came after `n`; null: the board no longer has all of it. */
  since(n: number): readonly BoardEvent[] | null;
  /** `wake`: something came. What is returned ends that. */
  watch(wake: () => void): () => void;
}

export interface Notices {
  /** the application server key of this installation, base64url (RFC 8292) */
  readonly key: string;
  /** @throws Rejection too_many, storage_full */
  subscribe(owner: string, subscription: PushSubscriptionInput): Promise<void>;
  /** @throws Rejection not_found */
  unsubscribe(owner: string, endpoint: string): Promise<void>;
  /** Calls every device of this owner; resolves when each has taken it or not. */
  test(owner: string): Promise<{ sent: number; failed: number }>;
  /** Calls for what this owner's board tells from now on. */
  follow(owner: string, board: WatchedBoard): void;
  /** Nothing is sent any more; what is on its way is cut off. Idempotent. */
  close(): void;
}
