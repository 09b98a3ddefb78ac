// A twentieth of each campaign; the whole of them: npm run campaign:attach, npm run campaign:kill.
import { expect, test } from 'vitest';
import { runAttachCampaign } from './attach.ts';
import { runKillCampaign } from './kill.ts';

const SEED = Number(process.env.CAMPAIGN_SEED ?? Date.now() % 1_000_000);

test(`P3 readers at birth and in the middle get 1 … n once, in order, whatever they do (seed ${SEED})`, async () => {
  const { births, middles } = await runAttachCampaign(50, SEED, false);
  expect({ births, middles }).toEqual({ births: 50, middles: 50 });
}, 120_000);

test(`P2 kill -9 in the middle of appends loses nothing that was seen or promised (seed ${SEED})`, async () => {
  const { rounds, runs, acknowledged } = await runKillCampaign(15, SEED, false);
  expect(rounds).toBe(15);
  // Four a round, and the follow-ups that the kill did not swallow.
  expect(runs).toBeGreaterThanOrEqual(60);
  expect(acknowledged).toBeGreaterThan(0);
}, 180_000);
