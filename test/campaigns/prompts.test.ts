// A part of the prompts campaign; the whole of it: npm run campaign:prompts.
import { expect, test } from 'vitest';
import { runPromptSockets } from './prompt-sockets.ts';
import { runPromptCampaign } from './prompts.ts';

const SEED = Number(process.env.CAMPAIGN_SEED ?? Date.now() % 1_000_000);
const SCHEDULES = 300;

test(`CQ1 CQ4 CQ5 CQ9 random schedules of five tabs: one winner, one truth, no card after its run (seed ${SEED})`, async () => {
  const figures = await runPromptCampaign(SCHEDULES, SEED, false);
  expect(figures.schedules).toBe(SCHEDULES);
  // Every kind of end was met, or the campaign shows less than it says.
  const { answered, expired, cancelled, lost_races, restarts } = figures;
  expect(Math.min(answered, expired, cancelled, lost_races, restarts)).toBeGreaterThan(0);
}, 180_000);

const KILLS = 2;

test(`CQ5 CQ9 P2 five tabs answer through sockets while the server is killed (seed ${SEED})`, async () => {
  const { rounds, answered, asked } = await runPromptSockets(KILLS, SEED, false);
  expect(rounds).toBe(KILLS);
  expect([answered > 0, asked > answered]).toEqual([true, true]);
}, 120_000);
