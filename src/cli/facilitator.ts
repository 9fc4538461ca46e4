import { besides, load } from './besides.js';
import { command, usage } from './command.js';
import { demandFile } from './config-file.js';
import { ended } from './ended.js';
import { commandLog } from './log.js';

export const facilitator = command({
  name: 'facilitator',
  summary: "runs the escrow's session server in the foreground; on a server",
  args: [],
  options: { config: { value: 'FILE', says: 'its configuration, JSON; needed' } },
  details: 'SIGTERM ends it; what is on its way to the chain is found again at the next start.',
  async run({ options: { config } }) {
    if (config === undefined) throw usage('--config FILE is missing');
    demandFile(config);
    const { runFacilitator } = await loadFacilitator();
    const end = ended();
    const running = await runFacilitator(
      config,
      commandLog(() => 'info'),
    );
    if (!running) return 1;
    await end;
    await running.stop();
    return 0;
  },
});

/** Fastify and the rest of it are loaded by who asks for them alone. */
export function loadFacilitator(): Promise<typeof import('../facilitator/main.js')> {
  return load('facilitator', besides('facilitator.mjs', '../facilitator/main.js'));
}
