// The campaign of faults: what breaks under a live system, one after the other, each on processes and sockets of its own;
// what clients were given meanwhile is judged by the one checker of histories.
import { readCall, refuse } from '../support/command.ts';
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

const ALL = Object.keys(CAMPAIGNS).join(', ');
const call = 'npm run campaign:faults';
const { options } = readCall({
  call,
  does: `Breaks what is under a live system, one thing after the other, and prints a line of figures for each: ${ALL}.`,
  options: {
    only: { kind: 'text', value: 'NAMES', help: 'these alone, with commas between them: storm,disk' },
  },
  takes: 'about 2 min on two quiet cores',
  exits: '0 nothing was found; 1 something was, and is told',
});
const names = options.only?.split(',') ?? Object.keys(CAMPAIGNS);
const unknown = names.find((name) => !Object.hasOwn(CAMPAIGNS, name));
if (unknown !== undefined) refuse(call, `There is no fault ‘${unknown}’: ${ALL}.`);
for (const name of names) process.stdout.write(`${await CAMPAIGNS[name]!('whole')}\n`);
