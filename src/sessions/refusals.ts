// The log's refusals as the wire says them.
import type { Refused } from '../journal/port.ts';
import { notFound, Rejection } from '../protocol/index.ts';

export function refusal(refused: Refused, what: string): Rejection {
  switch (refused.kind) {
    case 'not_found':
      return notFound(what);
    case 'damaged':
      return new Rejection(
        'session_damaged',
        'A record of this session failed its checksum; it can be read and exported only.',
      );
    case 'full':
      return new Rejection('storage_full', 'The disk is full. Nothing was written.');
  }
}
