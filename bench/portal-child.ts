// Helper: a simulated portal with many clients (`SOCKET DIALECT CLIENTS`). All of them move with each `json`.

import { printAll, printOne } from '../packages/simulators/portal-client.js';
import { PortalServer } from '../packages/simulators/portal-server.js';
import { nodogsplash } from '../src/portals/nodogsplash/dialect.js';
import { opennds } from '../src/portals/opennds/dialect.js';
import { serve } from './child.js';
import { makeClients, move } from './clients.js';

const [socket = '', name, count] = process.argv.slice(2);
const dialect = name === 'opennds' ? opennds : nodogsplash;
const clients = makeClients(Number(count));
const byMac = new Map(clients.map((client) => [String(client.mac), client]));
/** The next reply is ready before it is asked for: how long a simulation prints is of no interest. */
const prepareAfterMs = 150;
let reply = printAll(dialect, clients);
let polls = 0;

function prepare(): void {
  move(clients);
  reply = printAll(dialect, clients);
}

await new PortalServer(socket, (command) => {
  polls += 1;
  if (command !== 'json') return { text: printOne(dialect, byMac.get(command.slice('json '.length))) };
  setTimeout(prepare, prepareAfterMs);
  return { text: reply };
}).start();

serve(() => polls);
