import { exposed } from '../config/exposed.js';
import { formatFaults } from '../config/fault.js';
import { gateHints, placesBeside } from '../wiring/gate-hints.js';
import { hookHints } from '../wiring/hook-hints.js';
import { rightsOf } from '../wiring/rights.js';
import { type Config, readConfig } from '../wiring/schema.js';
import { setupHints } from '../wiring/setup-hints.js';
import { command, usage } from './command.js';
import { configOptions, demandFile } from './config-file.js';
import { print } from './output.js';

export const check = command({
  name: 'check',
  summary: 'prints every fault of the configuration, with its line',
  args: [],
  options: {
    ...configOptions,
    root: { says: 'only what needs root, a line each; exit code 0 when drop_root can be set' },
    router: { says: 'which runtime this router can have: processor, memory, flash; on a router alone' },
  },
  details:
    'The exit code is 1 when there is a fault. What is not set of a portal is said too: see turnpike help setup.',
  async run({ options: { config: file, root, router } }) {
    // The command on a router does this before it starts anything: there may be no runtime yet.
    if (router) throw usage('check --router is for a router, and stands alone: turnpike check --router');
    demandFile(file);
    const result = readConfig(file);
    // A typing error makes nobody root: the daemon would start with what is sound, and a reload leaves the old as it is.
    const served = result.ok ? result.config : result.sound;
    if (root && served) return needsOf(served);
    const faults = [...(result.ok ? [] : result.faults), ...exposed(`${file}_secrets`)];
    if (!result.ok || faults.length > 0) {
      await print(`${formatFaults(faults)}\n`);
      return 1;
    }
    // It loads TLS of Node.js, and this file is loaded by the daemon, too.
    const { pageHints } = await import('../wiring/page-hints.js');
    const { plans, gateways, methods } = result.config;
    const hints = [
      ...result.config.warnings.map(({ message }) => message),
      ...setupHints(result.config, file),
      ...gateHints(result.config, placesBeside(file)),
      ...pageHints(result.config),
      ...hookHints(result.config),
      ...rightsOf(result.config).lines,
    ];
    await print(
      `${file}: ${plans.length} plans, ${gateways.length} gateways, ${methods.length} payment methods\n${hints.map((hint) => `${hint}\n`).join('')}`,
    );
    return 0;
  },
});

/** Prints what needs root. @returns the exit code: 0 where nothing does */
async function needsOf(config: Config): Promise<number> {
  const { needs } = rightsOf(config);
  await print(needs.map((need) => `${need}\n`).join(''));
  return needs.length === 0 ? 0 : 1;
}
