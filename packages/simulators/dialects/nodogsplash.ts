import { nodogsplash as dialect } from '../../../src/portals/nodogsplash/dialect.js';

import type { SimClient } from '../portal-client.js';
import { type SimulatedDialect, stateOf } from './dialect.js';

/** nodogsplash of January 2026. */
export const nodogsplash: SimulatedDialect = {
  dialect,
  title: 'nodogsplash',
  printAll(clients) {
    const objects = clients.map((c) => `"${c.mac}":{\n${fieldsOf(c)}}`);
    const list = objects.length === 0 ? '' : `${objects.join(',\n')}\n`;
    return `{\n"client_length": ${clients.length},\n"clients":{\n${list}}\n}\n`;
  },
  printOne: (client) => (client ? `{\n${fieldsOf(client)}}\n` : '{}\n'),
  parseAuth: (name) => ({ name, upRate: 0, downRate: 0 }),
  startsAtAuth: false,
  forgetsAtDeauth: false,
  findsUnlisted: false,
  keepsClients: true,
};

function fieldsOf(c: SimClient): string {
  const added = c.sessionStart;
  const now = Math.floor(Date.now() / 1000);
  return [
    `"id":${c.id}`,
    `"ip":"${c.ip}"`,
    `"mac":"${c.mac}"`,
    `"added":${added}`,
    `"active":${c.lastActive}`,
    `"duration":${added > 0 ? now - added : 0}`,
    `"token":"${c.token}"`,
    `"state":"${stateOf(c)}"`,
    `"downloaded":${Math.floor(c.down / dialect.bytesPerUnit)}`,
    `"avg_down_speed":${averageOf(c.down, added, now)}`,
    `"uploaded":${Math.floor(c.up / dialect.bytesPerUnit)}`,
    `"avg_up_speed":${averageOf(c.up, added, now)}\n`,
  ].join(',\n');
}

/** kbit/s since `added`. The program divides by the age of the session: `inf` or `-nan` in the first second. */
function averageOf(bytes: number, added: number, now: number): string {
  if (added > 0 && now === added) return bytes > 0 ? 'inf' : '-nan';
  return (bytes / 125 / Math.max(1, now - added)).toFixed(2);
}
