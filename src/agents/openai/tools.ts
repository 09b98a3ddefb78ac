// The tools that Weir offers a model. A tool is given arguments that may be anything, and answers or refuses in words.
import type { Clock } from '../../protocol/index.ts';

export interface Tool {
  name: string;
  description: string;
  /** JSON Schema of the arguments */
  parameters: { type: 'object'; properties: Record<string, object>; additionalProperties: false };
  /** one short line for the page */
  preview(args: unknown): string;
  /** @throws ToolRefusal whose message the model reads */
  run(args: unknown, signal: AbortSignal): Promise<unknown>;
}

/** What the model asked for can't be done; it is told why. */
export class ToolRefusal extends Error {}

const ZONE_LENGTH_MAX = 64;

function timeZone(args: unknown): string {
  const zone = (args as { time_zone?: unknown } | null)?.time_zone ?? 'UTC';
  if (typeof zone !== 'string' || zone.length > ZONE_LENGTH_MAX)
    throw new ToolRefusal('time_zone must be a name such as Europe/Berlin.');
  return zone;
}

function createCurrentTime(clock: Clock): Tool {
  return {
    name: 'current_time',
    description: 'The current date and time, in UTC and in a time zone.',
    parameters: {
      type: 'object',
      properties: {
        time_zone: { type: 'string', description: 'IANA name such as Europe/Berlin; default UTC' },
      },
      additionalProperties: false,
    },
    preview(args) {
      try {
        return timeZone(args);
      } catch {
        return '';
      }
    },
    async run(args) {
      const zone = timeZone(args);
      const now = new Date(clock.now());
      try {
        const local = now.toLocaleString('en-GB', { timeZone: zone, dateStyle: 'full', timeStyle: 'long' });
        return { utc: now.toISOString(), time_zone: zone, local };
      } catch {
        throw new ToolRefusal('There is no such time zone. Use an IANA name such as Europe/Berlin.');
      }
    },
  };
}

/** All tools, by name. */
export function createTools({ clock }: { clock: Clock }): ReadonlyMap<string, Tool> {
  return new Map([createCurrentTime(clock)].map((tool) => [tool.name, tool]));
}
