import { besides, load } from './besides.js';
import { command } from './command.js';
import { serve, serverOptions } from './serve.js';

export const hub = command({
  name: 'hub',
  summary: "serves a fleet's state over HTTP and gives orders to its routers; on a server",
  args: [],
  options: serverOptions,
  details: `
It works on the database that 'turnpike collect' fills, and the routers' broker.

  POST /hooks/NAME                     signed messages: somebody logged out at a PC, an order was paid
  GET /routers /sessions /usage        what was collected: JSON, or CSV with ?format=csv
  GET /orders, POST /orders            what routers are told to do
  GET /metrics /healthz /openapi.json  for Prometheus, for whoever watches it, for programmers

SIGTERM ends it; orders that are under way are in the database. docs/hub.md has the configuration.`,
  run({ options: { config } }) {
    const file = besides('hub.mjs', '../hub/main.js');
    return serve(config, async () => (await load<typeof import('../hub/main.js')>('hub', file)).runHub);
  },
});
