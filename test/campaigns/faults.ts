// The campaign of faults: what breaks under a live system, one after the other, each on processes and sockets of its own;
// what clients were given meanwhile is judged by the one checker of histories.
//   npm run campaign:faults
//   npm run campaign:faults -- --only storm,disk
import { parseArgs } from 'node:util';
import type { FaultCampaign } from './crowd.ts';
import { agentsCampaign } from './fault-agents.ts';
import { lidCampaign } from './fault-lid.ts';
import { slowDiskCampaign, stalledLoopCampaign, stoppedProcessCampaign } from './fault-pauses.ts';
import { proxyCampaign } from './fault-proxy.ts';
import { shutdownCampaign } from './fault-shutdown.ts';
import { stormCampaign } from './fault-storm.ts';

const CAMPAIGNS: Record<string, FaultCampaign> = {
  storm: stormCampaign,
  disk: slowDiskCampaign,
  stall: stalledLoopCampaign,
  stop: stoppedProcessCampaign,
  commands: agentsCampaign,
  shutdown: shutdownCampaign,
  proxy: proxyCampaign,
  lid: lidCampaign,
};

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const names = values.only?.split(',') ?? Object.keys(CAMPAIGNS);
for (const name of names) {
  const campaign = CAMPAIGNS[name];
  if (!campaign) throw new Error(`there is no ${name}: ${Object.keys(CAMPAIGNS)}`);
  process.stdout.write(`${await campaign('whole')}\n`);
}
