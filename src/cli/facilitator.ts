import { besides, load } from './besides.js';
import { command } from './command.js';
import { serve, serverOptions } from './serve.js';

export const facilitator = command({
  name: 'facilitator',
  summary: "runs the escrow's session server in the foreground; on a server",
  args: [],
  options: serverOptions,
  details: 'SIGTERM ends it; what is on its way to the chain is found again at the next start.',
  run({ options: { config } }) {
    return serve(config, async () => (await loadFacilitator()).runFacilitator);
  },
});

/** Fastify and the rest of it are loaded by who asks for them alone. */
export function loadFacilitator(): Promise<typeof import('../facilitator/main.js')> {
  return load('facilitator', besides('facilitator.mjs', '../facilitator/main.js'));
}
