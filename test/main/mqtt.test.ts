// The daemon reports to a broker that knows MQTT 3.1.1 only, in JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AedesPublishPacket } from 'aedes';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { type DaemonProcess, shop, startProcess } from '../daemon.js';
import { mac } from '../engine/world.js';
import { EmbeddedBroker } from '../mqtt/broker.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-mqtt-'));
const portal = new SimulatedPortal(opennds, join(dir, 'nds.sock'));
const broker = new EmbeddedBroker();
let daemon: DaemonProcess;

test.before(async () => {
  await Promise.all([portal.start(), broker.start()]);
  const lines = ["enabled '1'", `url '${broker.url}'`, "interval '1s'", "format 'json'", "commands '1'"];
  const section = `config mqtt 'mqtt'\n${lines.map((line) => `\toption ${line}\n`).join('')}`;
  daemon = await startProcess(`${shop(join(dir, 'nds.sock'), ["poll_max '300ms'"])}${section}`, {
    flushInterval: '1s',
  });
});

test.after(async () => {
  await daemon?.close();
  await Promise.all([portal.stop(), broker.stop()]);
  rmSync(dir, { recursive: true });
});

const said = (packet: AedesPublishPacket) => JSON.parse(String(packet.payload));

test('a session from its opening to its end, in the words of JSON', async () => {
  portal.join(mac(1), '10.0.0.1');
  const payment = { method: 'cash', reference: 'till 7' };
  const order = { mac: mac(1), plan: 'data', steps: 10, payment, idempotency_key: 'k' };
  const { id } = await daemon.call('purchase', order);
  const is = (topic: string, event?: string) => (p: AedesPublishPacket) =>
    p.topic.endsWith(`/${topic}`) && (event === undefined || said(p).event === event);
  const opened = said(await broker.heard(is('session', 'opened')));
  assert.equal([opened.session, opened.mac, opened.lots[0].paid], [id, mac(1), '0.50']);
  portal.carry(mac(1), 1_024, 2_048);
  await broker.heard((p) => is('usage')(p) && said(p).sessions[0].down_bytes > 0);
  await daemon.call('close', { id, reason: 'user' });
  const closed = said(await broker.heard(is('session', 'closed')));
  const { up_bytes, down_bytes } = await daemon.call('session', { id });
  assert.equal([closed.total_up_bytes, closed.total_down_bytes], [up_bytes, down_bytes]);
  const reports = broker.published.filter(is('usage')).map(said);
  const sum = reports.reduce((total, { sessions }) => total + sessions[0].down_bytes, 0);
  assert.is(sum, down_bytes);
  assert.ok(broker.published.every(({ qos }) => qos === 1));
});

test('the state and the test of the connection', async () => {
  const [sink] = (await daemon.call('status')).sinks as { name: string; state: string; error: string }[];
  assert.equal([sink?.name, sink?.state, sink?.error], ['mqtt', 'up', '']);
  const { detail } = await daemon.call('upstream_test', { name: 'mqtt' });
  assert.is(detail, `127.0.0.1:${broker.port} took a report, MQTT 3.1.1`);
});

test('subscribers are told that the broker has gone, and that it is back', async () => {
  await daemon.hear(({ type, data }) => type === 'sink.up' && data.sink === 'mqtt');
  await broker.stop();
  const { data } = await daemon.hear(({ type }) => type === 'sink.down');
  assert.is(data.sink, 'mqtt');
  assert.match(String(data.detail), /./);
  await broker.start();
  await daemon.hear(() => daemon.heard.filter(({ type }) => type === 'sink.up').length === 2);
});

test.run();
