// The tool `current_time`: what a model can't know by itself.
import type { Clock } from '../../protocol/index.ts';
import { type Tool, ToolRefusal } from './tool.ts';

const ZONE_LENGTH_MAX = 64;

function timeZone(args: unknown): string {
  const zone = (args as { time_zone?: unknown } | null)?.time_zone ?? 'UTC';
  if (typeof zone !== 'string' || zone.length > ZONE_LENGTH_MAX)
    throw new ToolRefusal('time_zone must be a name such as Europe/Berlin.');
  return zone;
}

export function createCurrentTime(clock: Clock): Tool {
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
        return { result: { utc: now.toISOString(), time_zone: zone, local } };
      } catch {
        throw new ToolRefusal('There is no such time zone. Use an IANA name such as Europe/Berlin.');
      }
    },
  };
}
