// How much may happen in one exploration. A bound is a number of times; everything else is any order of everything.
export interface Scene {
  name: string;
  /** messages under way between the server and the page, both ways */
  inFlight: number;
  /** tokens of the first run */
  tokens: number;
  prompts: number;
  /** the page hears of prompts by the states of their queue, and by no record */
  statesOnly: boolean;
  /** a prompt ends by itself, some time */
  isTimed: boolean;
  /** agents finish by themselves, and no run waits for a timer */
  isCalm: boolean;
  /** a message waits for the end of the first run */
  followUp: boolean;
  cancels: number;
  /** the agent may fail, and may die without a word */
  agentFails: boolean;
  /** kill -9 of the server */
  crashes: number;
  /** another owner takes the run over while the first one lives on */
  takeovers: number;
  /** commits refused: one by one, or as many in a row as there are tries */
  refusals: number;
  /** commits of which nobody hears what became of them */
  unknowns: number;
  /** connections lost */
  drops: number;
  /** of a lost connection something still comes, after the next has opened */
  late: boolean;
  /** requests that arrive twice */
  doubles: number;
  /** requests and answers that never arrive, and are said to have failed */
  losses: number;
  /** answers that come after the page has given up to wait for them */
  delays: number;
  /** the page is loaded anew */
  reloads: number;
}

const calm: Omit<Scene, 'name'> = {
  inFlight: 3,
  tokens: 1,
  prompts: 0,
  statesOnly: false,
  isTimed: false,
  isCalm: false,
  followUp: false,
  cancels: 0,
  agentFails: false,
  crashes: 0,
  takeovers: 0,
  refusals: 0,
  unknowns: 0,
  drops: 0,
  late: false,
  doubles: 0,
  losses: 0,
  delays: 0,
  reloads: 0,
};
export const scene = (name: string, bounds: Partial<Scene>): Scene => ({ ...calm, ...bounds, name });
