// The table of operations: which code does which. An operation that loses or is fenced writes nothing and never throws.
import { admit, follow, retry } from './admission.ts';
import { announce, attach, detached, forgetUnused } from './attachment-writes.ts';
import { compact } from './compaction.ts';
import { fork, takeIn } from './copies.ts';
import { purge, remove } from './deletion.ts';
import { append, takeOver, terminal } from './frame-writes.ts';
import type { Answer, Input, Operation, OperationName } from './operations.ts';
import { answer, ask, withdrawRule } from './prompt-writes.ts';
import { cut, trim } from './retention.ts';
import { create, edit, mark, patch, withdraw } from './session-writes.ts';
import { settle, storeUnfolded } from './settlement.ts';
import { pushed, subscribe, unsubscribe } from './subscription-writes.ts';
import type { Writing } from './writing.ts';

const WRITES: { [N in OperationName]: (writing: Writing, input: Input<N>) => Answer<N> } = {
  create,
  patch,
  delete: remove,
  admit,
  retry,
  follow,
  edit,
  withdraw,
  append,
  terminal,
  settle,
  take_over: takeOver,
  ask,
  answer,
  withdraw_rule: withdrawRule,
  fork,
  import: takeIn,
  fold: storeUnfolded,
  purge,
  mark,
  cut,
  trim,
  compact,
  announce,
  attach,
  forget_unused: forgetUnused,
  detached,
  subscribe,
  unsubscribe,
  pushed,
};

export function perform(writing: Writing, operation: Operation): Answer<OperationName> {
  const write = WRITES[operation.name] as (writing: Writing, input: object) => Answer<OperationName>;
  return write(writing, operation.input);
}
