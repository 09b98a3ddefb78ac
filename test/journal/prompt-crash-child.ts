// A process whose agent asks, and is answered, until somebody kills it. Each line it prints was acknowledged:
// `<id> asked`, later `<id> answered` or `<id> expired`; two of each kind are always pending. Started by prompt-crash.test.ts.
import { openJournal } from '../../src/journal/open.ts';
import { say } from '../support/say.ts';

const [folder = ''] = process.argv.slice(2);
const silent = () => {};
const log = { debug: silent, info: silent, warn: silent, error: silent };
const journal = await openJournal({ folder, log, reserve_bytes: 65536 });

const ids = { session_id: 's', stream_id: 'run' };
const none = { title: null, model: null, cwd: null, parent_session_id: null, relation: null };
const source = { is_cli_session: false, source_tag: null, session_source: null, source_label: null };
await journal.createSession('owner', { session_id: 's', agent: 'demo', ...none, ...source }, 1);
const message = { user_message_id: 'u', message_id: 'a', client_message_id: null };
await journal.admit('owner', { ...ids, ...message, text: 'go', on_busy: 'reject' }, 2);
const writer = { stream_id: 'run', epoch: 1, at: 3 };
await journal.append({ ...writer, event: 'stream_started', payload: '{"agent":"demo","epoch":1}' });

const life = { requested_at: 3, timeout_seconds: 60, expires_at: 60_003 };

async function ask(kind: 'clarify' | 'approval', id: string): Promise<void> {
  const entry =
    kind === 'clarify'
      ? { clarify_id: id, ...ids, ...life, question: id.repeat(50), choices_offered: [], multiple: false }
      : { approval_id: id, ...ids, ...life, tool: 'shell', description: id, args: { id }, options: [] };
  const asked = await journal.ask({ ...writer, kind, entry, same_as: null });
  if (asked.kind !== 'asked') throw new Error(asked.kind);
  say(`${id} asked`);
}

async function end(prompt_kind: 'clarify' | 'approval', prompt_id: string): Promise<void> {
  const how = prompt_kind === 'clarify' ? ('answered' as const) : ('expired' as const);
  const said =
    how === 'answered' ? { by: 'tab', answer: `{"response":"${prompt_id}"}` } : { by: null, answer: null };
  const answer = { prompt_kind, session_id: 's', prompt_id, how, ...said, rule: null, at: 4 };
  const answered = await journal.answer('owner', answer);
  if (answered.kind !== 'won') throw new Error(answered.kind);
  say(`${prompt_id} ${how}`);
}

for (let n = 0; ; n++) {
  await Promise.all([ask('clarify', `c${n}`), ask('approval', `a${n}`)]);
  if (n >= 2) await Promise.all([end('clarify', `c${n - 2}`), end('approval', `a${n - 2}`)]);
}
