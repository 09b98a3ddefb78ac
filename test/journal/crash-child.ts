// A process that writes to a log until somebody kills it. Each line it prints was acknowledged: `<session> <pos> <seq>`,
// `marked` once the watermark has caught up with `frames` per session, the most that is written. Started by crash.test.ts.
import { openJournal } from '../../src/journal/open.ts';
import { readWatermark } from '../../src/journal/watermark.ts';
import { say } from '../support/say.ts';

const [folder = '', sessions = '1', frames = 'Infinity'] = process.argv.slice(2);
const silent = () => {};
const log = { debug: silent, info: silent, warn: silent, error: silent };
const journal = await openJournal({ folder, log, reserve_bytes: 65536 });

async function write(session_id: string): Promise<void> {
  const none = { title: null, model: null, cwd: null, parent_session_id: null, relation: null };
  const source = { is_cli_session: false, source_tag: null, session_source: null, source_label: null };
  await journal.createSession('owner', { session_id, agent: 'demo', ...none, ...source }, 1);
  const stream_id = `run_${session_id}`;
  const ids = {
    stream_id,
    user_message_id: `u_${session_id}`,
    message_id: `a_${session_id}`,
    client_message_id: 'c',
  };
  await journal.admit('owner', { session_id, ...ids, text: 'go', on_busy: 'reject' }, 2);
  say(`${session_id} 1 0`);
  const writer = { stream_id, epoch: 1, at: 3 };
  await journal.append({ ...writer, event: 'stream_started', payload: '{"agent":"demo","epoch":1}' });
  for (let n = 0; n < Number(frames); n++) {
    const payload = JSON.stringify({ text: `${n} `.repeat(1 + (n % 40)) });
    const answer = await journal.append({ ...writer, event: 'token', payload });
    if (answer.kind !== 'committed') throw new Error(answer.kind);
    say(`${session_id} ${answer.pos} ${answer.seq}`);
  }
}

await Promise.all(Array.from({ length: Number(sessions) }, (_, n) => write(`s${n}`)));
while (readWatermark(folder) !== journal.counts().commits)
  await new Promise((resolve) => setImmediate(resolve));
say('marked');
