import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatFaults } from '../config/fault.js';
import { parseUci } from '../config/uci.js';
import { offload, offloadIn } from '../setup/offload.js';
import { readConfig } from '../wiring/schema.js';
import { command } from './command.js';
import { configOptions, demandFile } from './config-file.js';
import { print } from './output.js';

export const check = command({
  name: 'check',
  summary: 'prints every fault of the configuration, with its line',
  args: [],
  options: configOptions,
  details: 'The exit code is 1 when there is a fault.',
  async run({ options: { config: file } }) {
    demandFile(file);
    const result = readConfig(file);
    if (!result.ok) {
      await print(`${formatFaults(result.faults)}\n`);
      return 1;
    }
    const { main, plans, gateways, methods } = result.config;
    await print(
      `${file}: ${plans.length} plans, ${gateways.length} gateways, ${methods.length} payment methods\n`,
    );
    const switches = main.backstop && !main.allowOffload ? offloadOf(join(dirname(file), 'firewall')) : [];
    for (const name of switches)
      await print(`firewall: ${name} is on: ${offload.danger}; turnpike setup offload\n`);
    return 0;
  },
});

/** The switches of flow offload that are on; none where there is no firewall that can be read. */
function offloadOf(firewall: string): string[] {
  try {
    return offloadIn(parseUci(readFileSync(firewall, 'utf8')).sections);
  } catch {
    return [];
  }
}
