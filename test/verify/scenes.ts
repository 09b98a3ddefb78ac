// The explorations of `npm run verify`, and the small ones that `npm test` runs. The first is the largest: more than a million
// states by itself. The others turn to what it leaves out.
import { type Scene, scene } from './scene.ts';

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
];
