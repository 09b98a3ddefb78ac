// Logs as older versions left them, row by row: no code of ours writes those any more. In session `s` a run is under way and
// a follow-up waits; in `old` a run has failed.
import { DatabaseSync } from 'node:sqlite';
import { checksum } from '../../src/journal/checksum.ts';
import { databaseOf } from '../../src/journal/database.ts';
import { PROMPTS_SCHEMA } from '../../src/journal/prompt-schema.ts';
import { APPLICATION_ID, FIRST_SCHEMA, PLACES_PER_SESSION } from '../../src/journal/schema.ts';
import { fillThird, THIRD_SCHEMA } from '../../src/journal/third-schema.ts';
import { frameJson, recordJson } from '../../src/protocol/index.ts';
import { OWNER } from './support.ts';

const SCHEMAS = [FIRST_SCHEMA, PROMPTS_SCHEMA];

/** [event, payload, at]; of the one stream of their session, but what is named `user_message` or `message_queued`. */
type Told = [event: string, payload: object, at: number];

export const OLD_RUN: Told[] = [
  ['user_message', { message_id: 'user_old', stream_id: 'stream_old', text: 'question old' }, 1],
  ['stream_started', { agent: 'demo', epoch: 1 }, 2],
  ['token', { text: 'zebras' }, 3],
  ['apperror', { type: 'overloaded', message: 'too much' }, 4],
  ['stream_end', { terminal_state: 'errored' }, 5],
];
const LIVE_RUN: Told[] = [
  ['user_message', { message_id: 'user_a', stream_id: 'stream_a', text: 'question a' }, 2],
  ['message_queued', { message_id: 'user_q', text: 'question q' }, 3],
  ['stream_started', { agent: 'demo', epoch: 1 }, 20],
  ['token', { text: 'half an answer' }, 20],
];

export function writeOlderLog(folder: string, version: 1 | 2 | 3): void {
  const database = new DatabaseSync(`${folder}/log.db`);
  database.exec(`PRAGMA journal_mode=WAL; PRAGMA application_id=${APPLICATION_ID};`);
  for (const schema of SCHEMAS.slice(0, version)) database.exec(schema);
  database.exec(`PRAGMA user_version=${version}; BEGIN`);
  writeRun(database, 1, 's', 'a', LIVE_RUN, null);
  writeRun(database, 2, 'old', 'old', OLD_RUN, 'errored');
  database.exec(`INSERT INTO queue (session_no, message_id, text, queued_at) VALUES (1, 'user_q', 'question q', 3);
    UPDATE sessions SET queue_length = 1, active_stream_id = 'stream_a' WHERE session_no = 1;
    UPDATE meta SET commit_no = 1; COMMIT`);
  if (version === 3) {
    database.exec(THIRD_SCHEMA);
    fillThird(databaseOf(database));
  }
  database.close();
}

function writeRun(
  database: DatabaseSync,
  no: number,
  session_id: string,
  run: string,
  log: Told[],
  outcome: string | null,
): void {
  const stream_id = `stream_${run}`;
  const frames = log.filter(([event]) => !event.includes('message'));
  const first_pos = log.length - frames.length + 1;
  const sql = (text: string, ...given: (string | number | null)[]) => database.prepare(text).run(...given);
  sql(
    `INSERT INTO sessions (session_no, session_id, owner, title, title_source, agent, created_at, updated_at,
      message_count, lineage_root_id, head) VALUES (?1, ?2, ?3, 'title', 'guess', 'demo', 1, 9, 2, ?2, ?4)`,
    ...[no, session_id, OWNER, log.length],
  );
  sql(
    `INSERT INTO streams (stream_no, stream_id, session_no, owner, agent, user_message_id, message_id, created_at, head,
      first_pos, last_pos, last_event, started, terminal_state, terminal_seq, settled)
      VALUES (?, ?, ?, ?, 'demo', ?, ?, 2, ?, ?, ?, ?, 1, ?, ?, ?)`,
    ...[no, stream_id, no, OWNER, `user_${run}`, `answer_${run}`, frames.length, first_pos, log.length],
    ...[frames.at(-1)![0], outcome, outcome ? frames.length - 1 : 0, outcome ? 1 : 0],
  );
  for (const role of ['user', 'assistant'])
    sql(
      `INSERT INTO messages (session_no, message_id, role, parts, created_at, stream_id) VALUES (?, ?, ?, '[]', 2, ?)`,
      ...[no, role === 'user' ? `user_${run}` : `answer_${run}`, role, stream_id],
    );
  log.forEach(([event, payload, at], index) => {
    const seq = index + 2 - first_pos;
    const isFrame = seq > 0;
    const body = JSON.stringify(payload);
    const record = {
      session_id,
      pos: index + 1,
      stream_id: isFrame ? stream_id : null,
      seq: isFrame ? seq : null,
      event,
      json: isFrame ? frameJson(stream_id, seq, at, body) : recordJson(index + 1, at, body),
      at,
    };
    sql(
      'INSERT INTO records (place, stream_no, seq, event, json, at, crc) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[no * PLACES_PER_SESSION + record.pos, isFrame ? no : null, record.seq, event, record.json, at],
      checksum(record),
    );
  });
}
