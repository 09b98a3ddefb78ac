// The tools that Weir offers a model, by name.
import type { Clock } from '../../protocol/index.ts';
import { createClarify } from './clarify.ts';
import { createCurrentTime } from './current-time.ts';
import type { SpawnGroup } from './process-group.ts';
import { createShell } from './shell.ts';
import type { Tool } from './tool.ts';

export interface ToolPorts {
  clock: Clock;
  /** opt-in: absent, the model is offered no shell */
  shell?: { folder: string; spawn: SpawnGroup } | undefined;
}

export function createTools({ clock, shell }: ToolPorts): ReadonlyMap<string, Tool> {
  const tools = [createCurrentTime(clock), createClarify()];
  if (shell) tools.push(createShell({ clock, ...shell }));
  return new Map(tools.map((tool) => [tool.name, tool]));
}
