import { formatFaults } from '../config/fault.js';
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
    const { plans, gateways, methods } = result.config;
    await print(
      `${file}: ${plans.length} plans, ${gateways.length} gateways, ${methods.length} payment methods\n`,
    );
    return 0;
  },
});
