import { besides, load } from './besides.js';
import { command, usage } from './command.js';
import { demandFile } from './config-file.js';
import { ended } from './ended.js';
import { commandLog } from './log.js';

export const hub = command({
  name: 'hub',
  summary: "serves a fleet's state over HTTP and gives orders to its routers; on a server",
  args: [],
  options: { config: { value: 'FILE', says: 'its configuration, JSON; needed' } },
  details: `
It works on the database that 'turnpike collect' fills, and the routers' broker.

  POST /hooks/NAME                     signed messages: {"type":"user.logged_out","data":{"user":"ada"}}
  GET /routers /sessions /usage        what was collected: JSON, or CSV with ?format=csv
  GET /orders, POST /orders            what routers are told to do
  GET /metrics /healthz /openapi.json  for Prometheus, for whoever watches it, for programmers

SIGTERM ends it; orders that are under way are in the database. docs/hub.md has the configuration.`,
  async run({ options: { config } }) {
    if (config === undefined) throw usage('--config FILE is missing');
    demandFile(config);
    const file = besides('hub.mjs', '../hub/main.js');
    const { runHub } = await load<typeof import('../hub/main.js')>('hub', file);
    const end = ended();
    const running = await runHub(
      config,
      commandLog(() => 'info'),
    );
    if (!running) return 1;
    await end;
    await running.stop();
    return 0;
  },
});
