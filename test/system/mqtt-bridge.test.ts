// A fleet with a broker for each region: two bridged Mosquittos, routers at the one, the collector at the other.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, reportOf } from '../mqtt/collector.js';
import { at, closedRecord, idOf, usageRecord } from '../mqtt/journal.js';
import { Listener } from '../mqtt/listener.js';
import { SimulatedRouter } from '../mqtt/router.js';
import { until } from '../rig/until.js';
import { Mosquitto } from './rig/mosquitto.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-bridge-'));
/** What a test has opened: closed after it, however it ended. */
const opened: (() => Promise<unknown>)[] = [];
test.after(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  rmSync(dir, { recursive: true });
});
const used = (n: number) => ({ up: 1_000 * n, down: 9_000 * n, millis: 500 * n });

test('reports cross the bridge, also those from while the centre was away; orders come back', async () => {
  const centre = await Mosquitto.start();
  opened.push(() => centre.close());
  // As docs/mqtt.md has it, and sooner back.
  const regional = await Mosquitto.start({
    lines: [
      ...['allow_anonymous true', 'connection centre', `address 127.0.0.1:${centre.port}`],
      ...['usage', 'session', 'status'].map((one) => `topic turnpike/+/${one} out 1`),
      ...['topic turnpike/+/command in 1', 'cleansession false', 'restart_timeout 1'],
    ],
  });
  opened.push(() => regional.close());
  const database = join(dir, 'fleet.sqlite');
  // Mosquitto 2.0.11 may forget shared subscriptions at a restart, and what comes from a bridge then is lost.
  const alone = ['--group', '', '--connections', '1'];
  const collector = new Collector(['--broker', centre.url, '--database', database, ...alone]);
  opened.push(() => collector.end());
  await collector.start();
  const routers = Array.from({ length: 5 }, (_, i) => {
    const router = new SimulatedRouter(regional.url, `router-${i}`);
    opened.push(() => router.stop());
    router.start();
    return router;
  });
  const sent = () => until('all sent', () => routers.every(({ backlog }) => backlog === 0));
  const totals = (n: number) =>
    until('all totals', () => {
      const found = reportOf(database, 'router').map((l) => [l.router, Number(l.down_bytes), l.gaps]);
      assert.equal(
        found,
        routers.map((_, i) => [`router-${i}`, used(n).down, '0']),
      );
      return true;
    });

  for (const router of routers) router.outbox.append(usageRecord(at, [[idOf(1), used(1)]]));
  await totals(1);
  await centre.stop();
  for (const turn of [2, 3, 4]) {
    for (const router of routers)
      router.outbox.append(usageRecord(at + turn * 1000, [[idOf(1), used(turn)]]));
    await sent();
  }
  for (const router of routers) router.outbox.append(closedRecord(at + 9_000, idOf(1), used(5)));
  await sent();
  await centre.start();
  await totals(5);
  assert.ok(reportOf(database, 'session').every(({ state }) => state === 'terminated'));

  const router = await Listener.start(regional.url, 'turnpike/router-0/command');
  opened.push(() => router.close());
  const noc = await Listener.start(centre.url, 'turnpike/noc/answers');
  opened.push(() => noc.close());
  await noc.client.publishAsync('turnpike/router-0/command', '{"command":"reload"}', { qos: 1 });
  const order = await router.hear('the order', ({ topic }) => topic === 'turnpike/router-0/command');
  assert.is(String(order.payload), '{"command":"reload"}');
});

test.run();
