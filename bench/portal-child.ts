// Helper: a simulated portal with many clients (`SOCKET DIALECT CLIENTS`). All of them move with each `json`.
import { dialectNamed } from '../packages/simulators/dialects/registry.js';
import { PortalServer } from '../packages/simulators/portal-server.js';

import { serve } from './child.js';
import { makeClients, moveAll } from './clients.js';

const [socket = '', name = '', count] = process.argv.slice(2);
const dialect = dialectNamed(name)!;
const clients = makeClients(Number(count));
const byMac = new Map(clients.map((client) => [String(client.mac), client]));
/** Milliseconds until the next reply is printed: before it is asked for, so that printing is not measured. */
const prepareAfterMs = 150;
let reply = dialect.printAll(clients);
let polls = 0;

function prepare(): void {
  moveAll(clients);
  reply = dialect.printAll(clients);
}

await new PortalServer(socket, (command) => {
  polls += 1;
  if (command !== 'json') return { text: dialect.printOne(byMac.get(command.slice('json '.length))) };
  setTimeout(prepare, prepareAfterMs);
  return { text: reply };
}).start();

serve(() => polls);
