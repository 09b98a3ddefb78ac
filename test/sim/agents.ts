// Agents of a simulated world: each does what chance wrote into its script. Some stall, flood, die without a word, ignore that
// they are asked to stop, or talk on after their end. Knows no log.
import type {
  Agent,
  AgentDescription,
  AgentEnd,
  AgentInput,
  AgentOutput,
  Catalog,
} from '../../src/agents/port.ts';
import type { Chance } from './chance.ts';
import type { Scheduler, SimNode } from './clock.ts';

export interface AgentHabits {
  /** shares of all runs */
  stalls: number;
  floods: number;
  dies: number;
  stubborn: number;
  chatters: number;
  /** shares of all steps */
  asks: number;
  /** the longest pause between two steps, in ms */
  pause_ms: number;
  /** Whoever works comes to an end. */
  isHurried: boolean;
}

/** One run of an agent that was begun. */
export interface SimRun {
  readonly stream_id: string;
  readonly node: SimNode;
  isOver: boolean;
  asked: number;
  heard: number;
  stopped_at: number | null;
}

export interface Agents {
  catalog(node: SimNode): Catalog;
  readonly runs: readonly SimRun[];
}

export interface AgentsPorts {
  scheduler: Scheduler;
  chance: Chance;
  habits: AgentHabits;
  called(input: AgentInput, node: SimNode): void;
}

const ABOUT: AgentDescription = {
  agent: 'puppet',
  title: 'Puppet',
  note: '',
  is_demo: false,
  available: true,
};

/** Of a flood: some of these are more than a slow reader may have unsent. */
const FLOOD = 'x'.repeat(60_000);
const KILL_MS = 5;

export function createAgents({ scheduler, chance, habits, called }: AgentsPorts): Agents {
  const runs: SimRun[] = [];

  function run(node: SimNode, input: AgentInput, output: AgentOutput): ReturnType<Agent['run']> {
    called(input, node);
    const of: SimRun = {
      stream_id: input.stream_id,
      node,
      isOver: false,
      asked: 0,
      heard: 0,
      stopped_at: null,
    };
    runs.push(of);
    let finish: (end: AgentEnd) => void = () => {};
    const ended = new Promise<AgentEnd>((resolve) => {
      finish = resolve;
    });
    const isStubborn = chance.is(habits.stubborn);
    const chatters = chance.is(habits.chatters);
    const floods = chance.is(habits.floods);
    const stalls_at = chance.is(habits.stalls) ? chance.between(0, 6) : -1;
    const dies_at = chance.is(habits.dies) ? chance.between(0, 6) : -1;
    let left = chance.between(1, floods ? 12 : 7);
    let done = 0;
    const later = (ms: number, act: () => void) => scheduler.at(node, ms, act);
    const pause = () => chance.between(0, chance.is(0.15) ? habits.pause_ms * 8 : habits.pause_ms);

    function end(how: AgentEnd): void {
      if (of.isOver) return;
      of.isOver = true;
      finish(how);
      if (chatters)
        later(chance.between(1, 60), () => void output.frame('token', { text: ' after the end' }));
    }

    function step(): void {
      if (of.isOver) return;
      if (done === dies_at) end({ kind: 'failed', type: 'agent_exited', message: 'It died.' });
      else if (left === 0 || habits.isHurried) conclude();
      else if (done !== stalls_at) {
        left -= 1;
        done += 1;
        void act().then(() => later(floods ? 0 : pause(), step));
      }
    }

    function act(): Promise<unknown> {
      if (chance.is(habits.asks)) return ask();
      if (floods) return output.frame('token', { text: `${FLOOD}${done} ` });
      if (chance.is(0.1)) return output.frame('reasoning', { text: `thinks ${done}. ` });
      if (chance.is(0.1)) {
        output.alive();
        return Promise.resolve();
      }
      const text = `${input.stream_id.slice(2, 5)}${done} `;
      const frames = Array.from({ length: chance.between(1, 3) }, (_, at) =>
        output.frame('token', { text: `${text}${at} ` }),
      );
      return Promise.all(frames);
    }

    async function ask(): Promise<void> {
      of.asked += 1;
      const timeout_seconds = chance.is(0.4) ? chance.between(1, 8) : 0;
      const isApproval = chance.is(0.4);
      const question = `Which ${chance.between(1, 2)}?`;
      const asking = isApproval
        ? output.approve({ tool: 'shell', description: 'lists', args: { n: done }, timeout_seconds })
        : output.clarify({ question, choices_offered: ['this', 'that'], timeout_seconds });
      const isAsync = chance.is(0.3);
      const heard = asking.then(() => {
        of.heard += 1;
      });
      if (!isAsync) await heard;
    }

    function conclude(): void {
      const usage = { input_tokens: 3, output_tokens: done };
      const title = chance.is(0.3) ? { title: `title ${done}` } : {};
      if (chance.is(0.15)) end({ kind: 'failed', type: 'overloaded', message: 'Too much.', usage });
      else end({ kind: 'finished', usage, ...title });
    }

    later(chance.between(0, habits.pause_ms), step);
    return {
      ended,
      stop() {
        of.stopped_at ??= scheduler.now;
        if (!isStubborn) later(chance.between(0, 40), () => end({ kind: 'stopped' }));
      },
      kill: () => void later(KILL_MS, () => end({ kind: 'stopped' })),
    };
  }

  return {
    runs,
    catalog(node) {
      const puppet: Agent = { describe: () => ABOUT, run: (input, output) => run(node, input, output) };
      return {
        list: () => [ABOUT],
        get: (name) => (name === 'puppet' ? puppet : undefined),
        default: 'puppet',
      };
    },
  };
}
