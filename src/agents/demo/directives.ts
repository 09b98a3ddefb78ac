// The demo agent's directives: from a message to what it asks for. Source: PROTOCOL.md §8. It knows no clock and no frame.

import { CHOICE_LENGTH_MAX, CHOICES_MAX, QUESTION_LENGTH_MAX } from '../../protocol/index.ts';

export const TOKENS_MAX = 1_000_000;
export const RATE_PER_SECOND_MAX = 1_000_000;
export const TOOLS_MAX = 10_000;
export const STALL_SECONDS_MAX = 86_400;
export const STALLS_MAX = 16;
/** Questions and approvals of one run. */
export const PROMPTS_MAX = 1000;
export const COMMAND_LENGTH_MAX = 16_384;

export type DemoPrompt =
  | { kind: 'ask'; question: string; choices: string[] }
  | { kind: 'approve'; command: string };

/** What a message asks of the demo agent. Positions (`after`) count token frames. */
export interface Directives {
  tokens?: number;
  /** frames per second; 0: as fast as they are taken */
  rate?: number;
  reasoning?: number;
  tools?: number;
  fail?: { type: string; after: number };
  stalls: { seconds: number; after: number }[];
  hang?: { after: number };
  title?: string;
  /** in the order of the message */
  prompts: DemoPrompt[];
}

export interface ParsedMessage {
  /** null: the message holds no directive */
  directives: Directives | null;
  /** directives that were over a bound, and were brought down to it */
  cut: string[];
}

type Reading = { directives: Directives; cut: string[]; count: number };

/** One word or `name="…"`: in quotes, `\"` and `\\` stand for themselves. An open quote makes a plain word. */
const WORD = /([a-z]+)="((?:[^"\\]|\\.)*)"(?=\s|$)|\S+/gsu;
const NUMBER = /^(?:\d{1,12})(?:\.\d{1,6})?$/;
const WHOLE = /^\d{1,12}$/;
const FAIL_TYPE = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** Never throws. What is no directive, or a known one with a value that makes no sense, is prose. */
export function parseDirectives(message: string): ParsedMessage {
  const reading: Reading = { directives: { stalls: [], prompts: [] }, cut: [], count: 0 };
  for (const found of message.matchAll(WORD)) {
    const [word, name, quoted] = found;
    const taken =
      name !== undefined && quoted !== undefined
        ? takeText(reading, name, quoted.replace(/\\(["\\])/g, '$1'))
        : takeWord(reading, word);
    if (taken) reading.count += 1;
  }
  return { directives: reading.count > 0 ? reading.directives : null, cut: reading.cut };
}

function takeText(reading: Reading, name: string, text: string): boolean {
  if (name === 'ask') return takeAsk(reading, text);
  if (name === 'approve')
    return (
      text !== '' &&
      takePrompt(reading, { kind: 'approve', command: cut(reading, name, text, COMMAND_LENGTH_MAX) })
    );
  if (name !== 'title') return false;
  reading.directives.title = text;
  return true;
}

function takeAsk(reading: Reading, text: string): boolean {
  const [question = '', ...rest] = text.split('|');
  if (question === '') return false;
  const choices = rest.filter((choice) => choice !== '');
  if (choices.length > CHOICES_MAX) nameCut(reading, 'ask=…');
  return takePrompt(reading, {
    kind: 'ask',
    question: cut(reading, 'ask', question, QUESTION_LENGTH_MAX),
    choices: choices.slice(0, CHOICES_MAX).map((choice) => cut(reading, 'ask', choice, CHOICE_LENGTH_MAX)),
  });
}

function takePrompt(reading: Reading, prompt: DemoPrompt): boolean {
  if (reading.directives.prompts.length < PROMPTS_MAX) reading.directives.prompts.push(prompt);
  else nameCut(reading, `${prompt.kind}=…`);
  return true;
}

function takeWord(reading: Reading, word: string): boolean {
  const hang = /^hang@(.*)$/.exec(word);
  if (hang) return takeHang(reading, hang[1]!);
  const [, name, value] = /^([a-z]+)=(.+)$/.exec(word) ?? [];
  if (name === undefined || value === undefined) return false;
  switch (name) {
    case 'tokens':
    case 'reasoning':
    case 'tools':
      if (!WHOLE.test(value)) return false;
      reading.directives[name] = bounded(reading, word, value, name === 'tools' ? TOOLS_MAX : TOKENS_MAX);
      return true;
    case 'rate':
      if (!NUMBER.test(value)) return false;
      reading.directives.rate = bounded(reading, word, value, RATE_PER_SECOND_MAX);
      return true;
    case 'fail':
      return takeFail(reading, value, word);
    case 'stall':
      return takeStall(reading, value, word);
    case 'title':
    case 'ask':
    case 'approve':
      return !value.startsWith('"') && takeText(reading, name, value);
    default:
      return false;
  }
}

function takeHang(reading: Reading, after: string): boolean {
  if (!WHOLE.test(after)) return false;
  reading.directives.hang = { after: bounded(reading, `hang@${after}`, after, TOKENS_MAX) };
  return true;
}

function takeFail(reading: Reading, value: string, word: string): boolean {
  const [type = '', after = '', ...rest] = value.split('@');
  if (!FAIL_TYPE.test(type) || !WHOLE.test(after) || rest.length > 0) return false;
  reading.directives.fail = { type, after: bounded(reading, word, after, TOKENS_MAX) };
  return true;
}

function takeStall(reading: Reading, value: string, word: string): boolean {
  const [seconds = '', after = '', ...rest] = value.split('@');
  if (!NUMBER.test(seconds) || !WHOLE.test(after) || rest.length > 0) return false;
  if (reading.directives.stalls.length >= STALLS_MAX) {
    reading.cut.push(word);
    return true;
  }
  reading.directives.stalls.push({
    seconds: bounded(reading, word, seconds, STALL_SECONDS_MAX),
    after: bounded(reading, word, after, TOKENS_MAX),
  });
  return true;
}

function bounded(reading: Reading, word: string, digits: string, max: number): number {
  const value = Number(digits);
  if (value > max) nameCut(reading, word);
  return Math.min(value, max);
}

function cut(reading: Reading, name: string, text: string, length_max: number): string {
  if (text.length <= length_max) return text;
  nameCut(reading, `${name}=…`);
  return text.slice(0, length_max).toWellFormed();
}

function nameCut({ cut }: Reading, word: string): void {
  if (!cut.includes(word)) cut.push(word);
}
