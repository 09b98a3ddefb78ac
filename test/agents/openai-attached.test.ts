// Attachments on their way to a model: what really goes over the wire.
import { afterEach, expect, test } from 'vitest';
import { ATTACHED_BYTES_MAX, ATTACHED_TEXT_BYTES_MAX } from '../../src/agents/openai/attached.ts';
import type { Message, Part } from '../../src/protocol/index.ts';
import { chunk, createEndpoint, DONE, type Endpoint, STOP, sends } from './endpoint.ts';
import { runToEnd } from './openai-run.ts';

type AttachmentPart = Extract<Part, { type: 'attachment' }>;
const file = (attachment_id: string, name: string, media_type: string, bytes: number): AttachmentPart => ({
  type: 'attachment',
  attachment_id,
  name,
  media_type,
  bytes,
});
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

let endpoint: Endpoint;
afterEach(() => endpoint.close());

/** The content of each user message that the endpoint was sent. */
async function sent(of: {
  attachments: AttachmentPart[];
  history?: Message[];
  held: Record<string, Uint8Array>;
}) {
  endpoint = await createEndpoint(sends(chunk({ content: 'ok' }) + STOP + DONE));
  const { attachments, history = [], held } = of;
  const read = async (id: string) => held[id] ?? null;
  const { end } = await runToEnd(endpoint.base_url, { input: { attachments, history, read } });
  expect(end.kind).toBe('finished');
  const messages = endpoint.requests[0]!.body.messages as { role: string; content: unknown }[];
  return messages.filter(({ role }) => role === 'user').map(({ content }) => content);
}

test('AG1 an image goes as an image, a text file as text with its name, beside the message', async () => {
  const [content] = await sent({
    attachments: [file('a1', 'plan.png', 'image/png', 8), file('a2', 'notes.md', 'text/markdown', 7)],
    held: { a1: PNG, a2: Buffer.from('# Heron') },
  });
  expect(content).toEqual([
    { type: 'text', text: 'hello' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG.toString('base64')}` } },
    { type: 'text', text: '[Attached file notes.md (text/markdown)]\n# Heron\n[End of notes.md]' },
  ]);
});

test('AG1 what is gone, or over the bound, is named and not shown; the newest message comes first', async () => {
  const asked: Message = {
    message_id: 'm1',
    role: 'user',
    parts: [{ type: 'text', text: 'before' }, file('old', 'old.png', 'image/png', ATTACHED_BYTES_MAX)],
    created_at: 0,
    stream_id: 's1',
    last_seq: 0,
    terminal_state: null,
  };
  const answered: Message = {
    ...asked,
    message_id: 'm2',
    role: 'assistant',
    parts: [{ type: 'text', text: 'yes' }],
  };
  const long = Buffer.alloc(ATTACHED_TEXT_BYTES_MAX + 1, 'x');
  const [before, now] = await sent({
    history: [asked, answered],
    attachments: [
      file('long', 'long.txt', 'text/plain', long.length),
      file('lost', 'lost.gif', 'image/gif', 3),
    ],
    held: { long, old: PNG },
  });
  expect(before).toEqual([
    { type: 'text', text: 'before' },
    { type: 'text', text: '[Attached file old.png (image/png) is not shown.]' },
  ]);
  const said = now as { text: string }[];
  expect(said[1]!.text).toContain(`its first ${ATTACHED_TEXT_BYTES_MAX} bytes)]\nxxx`);
  expect(said[1]!.text.length).toBeLessThan(long.length + 100);
  expect(said[2]!.text).toBe('[Attached file lost.gif (image/gif) is not shown.]');
});
