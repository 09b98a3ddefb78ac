// The explorations of `npm run verify`. Several have more than a million states by themselves; together they are what one would
// be that allowed everything at once, but for combinations of more than three kinds of faults. The long ones first: two threads
// share them.
import { type Scene, scene } from './scene.ts';

/** Agents that finish by themselves, and no waits: what is left is the order of everything. */
const calm: Partial<Scene> = { tokens: 0, inFlight: 2, isCalm: true };

export const scenes: Scene[] = [
  scene('a question, timed, and a stop', { prompts: 1, isTimed: true, tokens: 0, cancels: 1 }),
  scene('a newer run in the same session, and kill -9', {
    followUp: true,
    tokens: 0,
    inFlight: 2,
    crashes: 1,
  }),
  scene('two owners, and kill -9', { takeovers: 1, crashes: 1 }),
  scene('two owners, and a question', { takeovers: 1, prompts: 1, tokens: 0, inFlight: 1 }),
  scene('a question, and kill -9', { prompts: 1, crashes: 1, tokens: 0 }),
  scene('a log that refuses, commits nobody hears of, a stop', {
    refusals: 1,
    unknowns: 1,
    cancels: 1,
    agentFails: true,
  }),
  scene('a connection that is lost, late messages, lost requests', { drops: 1, late: true, losses: 1 }),
  scene('requests that come twice, answers that come late', { doubles: 1, delays: 1, cancels: 1, losses: 1 }),
  scene('answers that come twice, and late', { prompts: 1, tokens: 0, doubles: 1, delays: 1, inFlight: 2 }),
  scene('kill -9, a lost connection, a stop', { crashes: 1, drops: 1, cancels: 1 }),
  scene('the page is loaded anew, and kill -9', { reloads: 1, crashes: 1 }),
  scene('two questions, timed, and kill -9', {
    ...calm,
    prompts: 2,
    isTimed: true,
    crashes: 1,
    inFlight: 1,
  }),
  scene('two questions, a lost connection, requests lost or doubled', {
    ...calm,
    prompts: 2,
    drops: 1,
    losses: 1,
    doubles: 1,
  }),
  scene('a newer run, late messages and lost requests', {
    ...calm,
    followUp: true,
    drops: 1,
    late: true,
    losses: 1,
  }),
  scene('a newer run, kill -9, and the page loaded anew', {
    ...calm,
    followUp: true,
    crashes: 1,
    reloads: 1,
  }),
  scene('two tokens, a lost connection, the page loaded anew', {
    tokens: 2,
    drops: 1,
    reloads: 1,
    inFlight: 2,
  }),
];
