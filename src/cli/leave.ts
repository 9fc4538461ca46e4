import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { PortalConfig } from '../ports/portal.js';
import { targets } from '../setup/registry.js';
import { members } from '../wiring/members.js';
import { type Config, readConfig } from '../wiring/schema.js';
import { setupOf } from '../wiring/setup.js';
import { command } from './command.js';
import { configOptions, demandFile } from './config-file.js';
import { CommandError, explain } from './failure.js';
import { print } from './output.js';

/** How long a portal may take to restart, in ms. */
const restartMs = 120_000;

export const leave = command({
  name: 'leave',
  summary: 'shuts all gates and puts back what setup changed, for a turnpike that is removed',
  args: [],
  options: {
    ...configOptions,
    yes: { says: 'does it' },
    uci: { value: 'FILE', default: 'uci', says: "OpenWrt's uci, which puts options back" },
  },
  details: `
The package does this before it is removed, when the daemon has ended: a gate that stays open would be nobody's.
Customers keep what they bought in the journal. The exit code is 1 when something could not be done.`,
  async run({ options: { config: file, uci, yes } }) {
    demandFile(file);
    if (!yes) {
      await print('--yes shuts every gate and puts back what setup changed; nothing is done yet\n');
      return 0;
    }
    const read = readConfig(file);
    const config = read.ok ? read.config : read.rest;
    if (!config) throw new CommandError('failed', `${file} has faults: shut the gates at the portal`);
    const gates = await Promise.all(config.gateways.map(shut));
    const undone: boolean[] = [];
    for (const name of Object.keys(targets)) undone.push(await putBack(name, config, file, uci));
    return [...gates, ...undone].every(Boolean) ? 0 : 1;
  },
});

/** @returns whether no gate is left open */
async function shut(gateway: PortalConfig): Promise<boolean> {
  const { name, type, exclusive } = gateway;
  const shutAll = members.portals[type]?.shutAll;
  if (!shutAll) {
    await print(`${name}: whoever joins the network passes from now on, for no portal is left at its gate\n`);
    return true;
  }
  if (!exclusive) {
    await print(`${name}: others open gates there, too: its gates stay as they are\n`);
    return true;
  }
  const { shut, fault } = await shutAll(gateway);
  await print(`${name}: ${fault ?? `${shut} gates shut`}\n`);
  return fault === undefined;
}

/** @returns whether nothing is left of the set-up of this name */
async function putBack(name: string, config: Config, file: string, uci: string): Promise<boolean> {
  try {
    const setup = setupOf(name, config, members.portals, { file, uci });
    const done = setup.ok ? await setup.value.undo() : setup;
    if (!done.ok) {
      if (done.code === 'not_set_up') return true;
      await print(`${name}: what setup changed stays: ${done.message}\n`);
      return false;
    }
    await print(`${name}: as it was before it was set up\n`);
    const { service, also = [] } = targets[name]!;
    for (const one of [service, ...also]) await promisify(execFile)(one, ['restart'], { timeout: restartMs });
    return true;
  } catch (cause) {
    await print(`${name}: ${explain(cause) ?? cause}\n`);
    return false;
  }
}
