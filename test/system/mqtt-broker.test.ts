import { setTimeout as pause } from 'node:timers/promises';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listener } from '../mqtt/listener.js';
import { macOf, sinkOf, siteFor } from '../mqtt/site.js';
import { startProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';
import { Mosquitto } from './rig/mosquitto.js';
import { wayTo } from './rig/way.js';

const { portal, opening, sections, sell } = siteFor(test);

test('who is there is retained: online, then offline by the last will, or said at a stop', async () => {
  const broker = opening(await Mosquitto.start());
  const daemon = opening(
    await startProcess(sections(broker.url, "prefix 'isp/shops'"), { flushInterval: '1s' }),
  );
  const retained = async () => {
    const late = opening(await Listener.start(broker.url, 'isp/shops/+/status'));
    const { state, boot, active, software } = await late.read('status');
    return { state, boot, active, software };
  };
  const listener = opening(await Listener.start(broker.url, 'isp/shops/#'));
  await listener.read('status', ({ state }) => state === 'online');
  await sell(daemon, 1);
  const { boot, version } = await daemon.call('status');
  await listener.read('status', ({ active }) => active === 1);
  assert.equal(await retained(), { state: 'online', boot, active: 1, software: version });
  await daemon.end('SIGKILL');
  await listener.read('status', ({ state }) => state === 'offline');
  assert.equal(await retained(), { state: 'offline', boot, active: 0, software: version });
  await daemon.start();
  const next = await listener.read('status', (status) => status.state === 'online' && status.boot !== boot);
  await daemon.end('SIGTERM');
  await listener.read('status', (status) => status.state === 'offline' && status.boot === next.boot);
  assert.is((await retained()).state, 'offline');
});

test('the line is down over a restart of turnpike: nothing is lost, nothing is out of order', async () => {
  const broker = opening(await Mosquitto.start());
  const way = opening(await wayTo(broker.port));
  const listener = opening(await Listener.start(broker.url, 'turnpike/#'));
  const daemon = opening(
    await startProcess(sections(`mqtt://127.0.0.1:${way.port}`), { flushInterval: '1s' }),
  );
  const id = await sell(daemon, 4);
  portal.carry(macOf(4), 1_024, 10_240);
  await listener.read('usage', ({ sessions }) => sessions.some((s) => s.session === id && s.down_bytes > 0));
  const counted = async () => Number((await daemon.call('session', { id })).down_bytes);
  way.cut();
  portal.carry(macOf(4), 2_048, 20_480);
  await until('counted', async () => (await counted()) === 30_720);
  await until('waiting', async () => Number((await sinkOf(daemon)).backlog) > 0);
  await daemon.end('SIGKILL');
  await daemon.start();
  portal.carry(macOf(4), 4_096, 40_960);
  await until('counted on', async () => (await counted()) === 71_680);
  await daemon.call('close', { id, reason: 'user' });
  way.open();
  const closed = await listener.read('session', (m) => m.session === id && m.event === 'closed');
  assert.equal([closed.total_up_bytes, closed.total_down_bytes], [7_168, 71_680]);
  const seen = new Set<number>();
  const rows = listener.all('usage').flatMap(({ seq, sessions }) => {
    if (seen.has(seq)) return [];
    seen.add(seq);
    return sessions.filter((s) => s.session === id);
  });
  assert.is(
    rows.reduce((sum, row) => sum + row.down_bytes, 0),
    71_680,
  );
  const order = [...seen];
  assert.equal(
    order,
    [...order].sort((a, b) => a - b),
  );
});

test('a broker that takes nothing delays nobody and costs no memory', async () => {
  const broker = opening(await Mosquitto.start());
  // Reports to which nobody has subscribed would wait, too.
  opening(await Listener.start(broker.url, 'turnpike/#'));
  const way = opening(await wayTo(broker.port));
  const daemon = opening(
    await startProcess(sections(`mqtt://127.0.0.1:${way.port}`), { flushInterval: '1s' }),
  );
  await until('connected', async () => (await sinkOf(daemon)).state === 'up');
  const ids: string[] = [];
  for (let n = 10; n < 60; n++) ids.push(await sell(daemon, n));
  const traffic = setInterval(() => {
    for (let n = 10; n < 60; n++) portal.carry(macOf(n), 100, 1_000);
  }, 100);
  await until('all counted', async () => {
    const { sessions } = (await daemon.call('sessions', { state: 'active' })) as { sessions: Table[] };
    return sessions.filter(({ down_bytes }) => Number(down_bytes) > 0).length === ids.length;
  });
  const before = daemon.rss();
  // The median of what is measured at this pace in a time that is long enough for some fifty answers.
  const delays = async (ms: number) => {
    const found: number[] = [];
    for (const end = performance.now() + ms; performance.now() < end; await pause(20)) {
      const began = performance.now();
      await daemon.call('plans');
      found.push(performance.now() - began);
    }
    return found.sort((a, b) => a - b)[Math.floor(found.length / 2)]!;
  };
  const free = await delays(3_000);
  way.stall();
  const stalled = await delays(10_000);
  const { backlog } = await sinkOf(daemon);
  clearInterval(traffic);
  assert.ok(Number(backlog) >= 5, `${backlog} reports wait`);
  assert.ok(stalled < Math.max(10, 5 * free), `${stalled} ms, ${free} ms without`);
  assert.ok(daemon.rss() - before < 30, `${before} MiB, then ${daemon.rss()} MiB`);
  console.log(
    `answers within ${free.toFixed(1)} ms, stalled ${stalled.toFixed(1)} ms (median); ${backlog} wait`,
  );
  way.flow();
  await until('caught up', async () => Number((await sinkOf(daemon)).backlog) <= 2);
});

test.run();
