// The scene that the demo agent plays for a message without directives: what it says, and what it really works out.

export type Step =
  | { kind: 'think' | 'say'; text: string }
  | { kind: 'pause'; ms: number }
  | { kind: 'tool'; name: string; preview: string; args: object; work_ms: number; result: () => object };

/** Words a second: as fast as a person likes to read along. */
export const WORDS_PER_SECOND = 30;
const QUOTE_LENGTH_MAX = 90;
/** Longer than what the server guesses before: a title must not shrink when its run ends. */
const TITLE_LENGTH_MAX = 80;

const oneLine = (text: string): string => text.replace(/\s+/gu, ' ').trim();

function shorten(text: string, length: number): string {
  const letters = Array.from(oneLine(text));
  return letters.length <= length
    ? letters.join('')
    : `${letters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;
}

/** Markdown's own signs, taken out of their office: a quoted message is shown as it was typed. */
const plain = (text: string): string => text.replace(/[\\`*_{}[\]<>#|~!&]/gu, '\\$&');

/** The message, cut at a word where one ends near enough. */
export function sceneTitle(message: string): string {
  const title = shorten(message, TITLE_LENGTH_MAX);
  const space = title.lastIndexOf(' ');
  return title.endsWith('…') && space > title.length / 2 ? `${title.slice(0, space)}…` : title;
}

const CODE = `\`\`\`ts
const feed = new EventSource('/api/chat/stream?stream_id=' + id);

feed.addEventListener('token', (event) => {
  const { text } = JSON.parse(event.data);
  answer.append(text);
});
feed.addEventListener('stream_end', () => feed.close());
\`\`\``;

/** What came with a message, as far as someone without eyes can say. */
const attached = (files: SceneFile[]): string =>
  files.length === 0
    ? ''
    : `${files.map(({ name, bytes }) => `- attached: ${plain(name)}, ${bytes} bytes`).join('\n')}\n\n`;

interface SceneFile {
  name: string;
  bytes: number;
}

/** The steps for one message. `now` is asked when the clock's tool is played. */
export function scene(message: string, files: SceneFile[], now: () => number): Step[] {
  const words = oneLine(message).split(' ').filter(Boolean).length;
  const characters = Array.from(message).length;
  return [
    {
      kind: 'think',
      text: 'A message came in. There is no model behind me, so I can’t really answer it. I will look at the clock, count the words, and show what a run looks like.',
    },
    { kind: 'pause', ms: 250 },
    {
      kind: 'say',
      text: `Hello! I am the **demo agent** of Weir: no model, no key, the same scene every time. You wrote:\n\n> ${plain(shorten(message, QUOTE_LENGTH_MAX))}\n\n${attached(files)}Two small tools can say something true about that.\n\n`,
    },
    {
      kind: 'tool',
      name: 'current_time',
      preview: 'UTC',
      args: { time_zone: 'UTC' },
      work_ms: 600,
      result: () => ({ time: new Date(now()).toISOString() }),
    },
    {
      kind: 'tool',
      name: 'count_words',
      preview: shorten(message, 40),
      args: { text: shorten(message, QUOTE_LENGTH_MAX) },
      work_ms: 450,
      result: () => ({ words, characters }),
    },
    {
      kind: 'say',
      text: `Your message has ${words} ${words === 1 ? 'word' : 'words'} and ${characters} ${characters === 1 ? 'character' : 'characters'}. While I talk, try this:\n\n- reload the page: the text stays, and goes on\n- open a second tab: both show the same\n- press **Stop**: what was said so far is kept\n\n| Directive | What I do then |\n| --- | --- |\n| \`tokens=200 rate=40\` | 200 tokens, 40 a second |\n| \`tools=3\` | three tool calls |\n| \`fail=overloaded@20\` | an error after 20 tokens |\n| \`ask="Which one?\\|This\\|That"\` | a question; answer it in any tab |\n| \`approve="make all"\` | an approval; I run nothing |\n\n`,
    },
    { kind: 'pause', ms: 200 },
    { kind: 'say', text: `And this is all that a page needs to follow a run:\n\n${CODE}\n\n` },
    { kind: 'say', text: 'For real answers, start Weir with a model. That was the demo.' },
  ];
}
