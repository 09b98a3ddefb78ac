// The agents that can be run, by name. Settings come from the environment, never from a request.
import { createDemoAgent } from './demo/agent.ts';
import { createOpenAiAgent } from './openai/agent.ts';
import { endpointOf, settingsMistake } from './openai/model.ts';
import { createSpawnGroup } from './openai/process-group.ts';
import { shellMistake, shellProblem } from './openai/shell.ts';
import { createTools } from './openai/tools.ts';
import { connectingFetch } from './openai/transport.ts';
import { createWindows } from './openai/windows.ts';
import type { Agent, AgentDescription, Catalog } from './port.ts';
import type { RunPorts } from './run.ts';

export interface AgentSettings {
  /** the agent of new sessions */
  default_agent: string;
  /** WEIR_OPENAI_…; without them the agent is listed with the reason why it can't run */
  openai?: { base_url?: string; api_key?: string; model?: string };
  /** WEIR_SHELL_FOLDER; without it no model is offered a shell */
  shell?: { folder: string } | undefined;
}

/** What is set for an agent and can't work, in words; null: nothing. What is missing is the agent's to tell: it is unavailable. */
export const mistakeOf = ({ openai, shell }: AgentSettings): string | null =>
  (shell && shellMistake(shell.folder)) ?? settingsMistake(endpointOf(openai?.base_url, openai?.api_key));

/** An unknown default is the caller's to refuse: `get(default)` is undefined then. */
export function createCatalog(settings: AgentSettings, ports: RunPorts): Catalog {
  const shell = settings.shell && { ...settings.shell, spawn: createSpawnGroup(process.env) };
  const { base_url, api_key } = settings.openai ?? {};
  const fetch = connectingFetch;
  const openai = createOpenAiAgent({
    baseURL: base_url,
    apiKey: api_key,
    model: settings.openai?.model,
    fetch,
    windows: createWindows({ endpoint: endpointOf(base_url, api_key), fetch, ...ports }),
    tools: createTools({ ...ports, shell }),
    problem: shell ? shellProblem(shell.folder) : null,
    ...ports,
  });
  const agents = new Map<string, Agent>([
    ['demo', createDemoAgent(ports)],
    ['openai', openai],
  ]);
  const isDefault = ({ agent }: AgentDescription) => agent === settings.default_agent;
  return {
    list: () =>
      [...agents.values()]
        .map((agent) => agent.describe())
        .sort((a, b) => Number(isDefault(b)) - Number(isDefault(a))),
    get: (name) => agents.get(name),
    default: settings.default_agent,
  };
}
