// Helper: a simulated portal whose clients move so many bytes a second while their gates are open (`SOCKET RATE TICK`).
import { SimulatedPortal } from '../packages/simulators/portal.js';
import type { Mac } from '../src/domain/mac.js';
import { opennds } from '../src/portals/opennds/dialect.js';
import { serve } from './child.js';

interface Asked {
  readonly join?: readonly { readonly mac: Mac; readonly ip: string }[];
  readonly served?: Mac;
}

const [socket = '', rate, tickMs] = process.argv.slice(2);
const portal = new SimulatedPortal(opennds, socket);
const joined: Mac[] = [];
let last = performance.now();

await portal.start();
setInterval(() => {
  const now = performance.now();
  const bytes = (Number(rate) * (now - last)) / 1000;
  last = now;
  for (const mac of joined) portal.carry(mac, Math.round(bytes * 0.1), Math.round(bytes * 0.9));
}, Number(tickMs));

serve(({ join = [], served }: Asked) => {
  for (const { mac, ip } of join) {
    portal.join(mac, ip);
    joined.push(mac);
  }
  if (!served) return undefined;
  const { up, down } = portal.served(served);
  return up + down;
});
