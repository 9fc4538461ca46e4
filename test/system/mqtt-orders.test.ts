import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { Listener } from '../mqtt/listener.js';
import { macOf, sinkOf, siteFor } from '../mqtt/site.js';
import { startProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';
import { Mosquitto } from './rig/mosquitto.js';

const { portal, opening, sections, sell } = siteFor(test);

test('orders: close, grant, status and reload, answered where the request says, with its own data', async () => {
  const broker = opening(await Mosquitto.start());
  const text = sections(broker.url, "commands '1'").replace(
    "config mqtt 'mqtt'\n",
    "config mqtt 'mqtt'\n\tlist allow 'close'\n\tlist allow 'grant'\n\tlist allow 'status'\n",
  );
  const daemon = opening(await startProcess(text, { flushInterval: '1s' }));
  const listener = opening(await Listener.start(broker.url, 'turnpike/#'));
  const router = (await listener.read('status', ({ state }) => state === 'online')).router;
  let asked = 0;
  const ask = async (order: Table, responseTopic = 'turnpike/noc/answers') => {
    const correlationData = Buffer.from(`c${++asked}`);
    const payload = JSON.stringify(order);
    const properties = { responseTopic, correlationData };
    await listener.client.publishAsync(`turnpike/${router}/command`, payload, { qos: 1, properties });
    const answer = await listener.hear(
      'the answer',
      (p) => p.properties?.correlationData?.equals(correlationData) === true && p.topic === responseTopic,
    );
    return JSON.parse(answer.payload.toString()) as { result?: Table; error?: Table };
  };
  await until('subscribed', async () => broker.log.includes('New client'));
  const status = await ask({ command: 'status', idempotency_key: 's1' });
  assert.is(status.result?.router, router);
  const id = await sell(daemon, 2);
  const closed = await ask({ command: 'close', idempotency_key: 'c1', arguments: { id, reason: 'admin' } });
  assert.equal([closed.result?.id, closed.result?.cause], [id, 'admin']);
  assert.not(portal.isOpen(macOf(2)));
  portal.join(macOf(3), '10.53.0.3');
  const grant = { mac: macOf(3), bytes: 5_000_000, reason: 'sorry', gateway: 'lan' };
  const first = await ask({ command: 'grant', idempotency_key: 'g1', arguments: grant });
  const again = await ask({ command: 'grant', idempotency_key: 'g1', arguments: grant });
  assert.is(again.result?.id, first.result?.id);
  const granted = (await daemon.call('session', { mac: macOf(3) })).granted as Table;
  assert.equal(granted, { bytes: 5_000_000 }, 'once');
  await daemon.end('SIGKILL');
  await daemon.start();
  await until('back', async () => (await sinkOf(daemon)).state === 'up');
  await ask({ command: 'grant', idempotency_key: 'g1', arguments: grant });
  assert.equal((await daemon.call('session', { mac: macOf(3) })).granted, granted, 'over a restart, too');
  assert.is((await ask({ command: 'reload', idempotency_key: 'r1' })).error?.code, 'not_allowed');
  const unknown = await ask({ command: 'close', idempotency_key: 'c2', arguments: { id: 'nobody' } });
  assert.is(unknown.error?.code, 'unknown_session');
  const odd = { command: 'close', idempotency_key: 'c3', arguments: { id: first.result?.id as string } };
  await listener.client.publishAsync(`turnpike/${router}/command`, JSON.stringify(odd), {
    qos: 1,
    retain: true,
  });
  const away = { responseTopic: 'elsewhere/x' };
  await listener.client.publishAsync(`turnpike/${router}/command`, JSON.stringify(odd), {
    qos: 1,
    properties: away,
  });
  await ask({ command: 'status', idempotency_key: 's2' });
  assert.is((await daemon.call('session', { mac: macOf(3) })).state, 'active', 'nothing was done');
});

test.run();
