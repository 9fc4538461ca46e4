// Portals that hear others on ubus, while the daemon is being ended.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UbusClient } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../../packages/simulators/broker/broker.js';
import type { Engine } from '../../src/engine/engine.js';
import type { PortalParts } from '../../src/portals/parts.js';
import type { PortalConfig } from '../../src/ports/portal.js';
import type { Members } from '../../src/wiring/members.js';
import { Portals } from '../../src/wiring/portals.js';
import { inTime, until } from '../rig/until.js';

const lan = {
  name: 'lan',
  type: 'own',
  pollMin: 250,
  pollMax: 1_000,
  pollShare: 25,
} as unknown as PortalConfig;
/** Longer than any test waits, in ms. */
const endless = 3_600_000;

test('somebody on ubus who does not answer a portal does not keep the daemon from ending', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const socket = join(dir, 'ubus.sock');
  const broker = new UbusBroker(socket);
  await broker.start();
  const hostapd = new UbusClient({ socket, onError: () => {} });
  let asked = 0;
  try {
    await hostapd.connect();
    const handler = () => {
      asked += 1;
      return new Promise<undefined>(() => {});
    };
    await hostapd.publish({ path: 'hostapd.ap0', methods: { get_clients: { args: {}, handler } } });
    let question: Promise<unknown> = Promise.resolve();
    const own = {
      build: (_config: PortalConfig, { bus }: PortalParts) => {
        const ask = () => bus().call('hostapd.ap0', 'get_clients', {}, { timeoutMs: endless });
        question = until('a connection', () =>
          bus()
            .list('hostapd.*')
            .then(
              (all) => all.length > 0,
              () => false,
            ),
        )
          .then(ask)
          .catch(() => {});
        return { stop: () => question };
      },
    };
    const engine = { watch: async () => {} } as unknown as Engine;
    const members = { own } as unknown as Members['portals'];
    const portals = new Portals(engine, members, { socket } as ConstructorParameters<typeof Portals>[2]);
    await portals.apply([lan]);
    await until('the question has come', () => asked === 1);
    await inTime('the end', portals.stop());
    assert.is(asked, 1);
  } finally {
    await hostapd.close();
    await broker.stop();
    rmSync(dir, { recursive: true });
  }
});

test.run();
