// A part of each campaign; the whole of them: npm run campaign:attach, campaign:kill, campaign:faults.
import { expect, test } from 'vitest';
import { runAttachCampaign } from './attach.ts';
import { agentsCampaign } from './fault-agents.ts';
import { stalledLoopCampaign } from './fault-pauses.ts';
import { proxyCampaign } from './fault-proxy.ts';
import { stormCampaign } from './fault-storm.ts';
import { runKillCampaign } from './kill.ts';

const SEED = Number(process.env.CAMPAIGN_SEED ?? Date.now() % 1_000_000);

test(`P3 readers at birth and in the middle get 1 … n once, in order, whatever they do (seed ${SEED})`, async () => {
  const { births, middles } = await runAttachCampaign(50, SEED, false);
  expect({ births, middles }).toEqual({ births: 50, middles: 50 });
}, 120_000);

test(`P2 kill -9 in the middle of appends loses nothing that was seen or promised (seed ${SEED})`, async () => {
  const { rounds, runs, acknowledged } = await runKillCampaign(6, SEED, false);
  expect(rounds).toBe(6);
  // Four a round, and the follow-ups that the kill did not swallow.
  expect(runs).toBeGreaterThanOrEqual(24);
  expect(acknowledged).toBeGreaterThan(0);
}, 180_000);

// Each throws where something does not hold, and says what it has seen.
const FIGURES = /\d+ frames/;

test.concurrent('P3 P10 ST9 readers whose server was killed come back in their time, to one read of the log, and to the end', async () => {
  expect(await stormCampaign('part')).toMatch(FIGURES);
}, 120_000);

test.concurrent('P3 ST7 wire §2 an event loop that stands still cuts nobody off, ends no run, and keeps the bound of a cancel', async () => {
  expect(await stalledLoopCampaign('part')).toMatch(FIGURES);
}, 120_000);

test.concurrent('P3 wire §3 a proxy that cuts or holds back loses nothing and doubles nothing', async () => {
  expect(await proxyCampaign('part')).toMatch(FIGURES);
}, 120_000);

test.concurrent('AG13 P11 ST9 commands that are deaf, fork, flood, die, or lose their server leave a run with an end, and nobody behind', async () => {
  expect(await agentsCampaign('part')).toMatch(FIGURES);
}, 120_000);
