import { opennds as dialect } from '../../../src/portals/opennds/dialect.js';

import type { SimClient } from '../portal-client.js';
import { type SimulatedDialect, stateOf } from './dialect.js';

/** openNDS 9.10. */
export const opennds: SimulatedDialect = {
  dialect,
  title: 'openNDS',
  printAll(clients) {
    const objects = clients.map((c) => `    "${c.mac}":{\n${fieldsOf(c, '    ')}    }`);
    const list = objects.length === 0 ? '' : `${objects.join(',\n')}\n`;
    return `{\n  "client_list_length":"${clients.length}",\n  "clients":{\n${list}  }\n}\n`;
  },
  printOne: (client) => (client ? `{\n${fieldsOf(client, '')}}\n` : '{}\n'),
  parseAuth(argument) {
    const [name = '', , upRate = '0', downRate = '0'] = argument.split(',');
    return { name, upRate: Number(upRate), downRate: Number(downRate) };
  },
  startsAtAuth: true,
  forgetsAtDeauth: true,
  findsUnlisted: true,
  keepsClients: false,
};

function fieldsOf(c: SimClient, indent: string): string {
  const age = Math.max(1, Math.floor(Date.now() / 1000) - c.sessionStart);
  const rate = (n: number) => (n === 0 ? 'null' : String(n));
  const fields: [string, string][] = [
    ['gatewayname', 'turnpike%20demo'],
    ['gatewayaddress', '10.77.0.1:2050'],
    ['gatewayfqdn', 'status.client'],
    ['version', '9.10.0'],
    ['client_type', 'cpd_can'],
    ['mac', c.mac],
    ['ip', c.ip],
    ['clientif', 'br-lan'],
    ['session_start', String(c.sessionStart)],
    ['session_end', 'null'],
    ['last_active', String(c.lastActive)],
    ['token', c.token],
    ['state', stateOf(c)],
    ['custom', c.sessionStart === 0 ? 'none' : 'bmE='],
    ['download_rate_limit_threshold', rate(c.downRate)],
    ['download_packet_rate', 'null'],
    ['download_bucket_size', 'null'],
    ['upload_rate_limit_threshold', rate(c.upRate)],
    ['upload_packet_rate', 'null'],
    ['upload_bucket_size', 'null'],
    ['download_quota', 'null'],
    ['upload_quota', 'null'],
    ['download_this_session', String(Math.floor(c.down / dialect.bytesPerUnit))],
    ['download_session_avg', (c.down / 125 / age).toFixed(2)],
    ['upload_this_session', String(Math.floor(c.up / dialect.bytesPerUnit))],
    ['upload_session_avg', (c.up / 125 / age).toFixed(2)],
  ];
  return `${fields.map(([key, value]) => `  ${indent}"${key}":"${value}"`).join(',\n')}\n`;
}
