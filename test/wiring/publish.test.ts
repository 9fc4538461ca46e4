// What is told on ubus, on the embedded broker, which drops what a client does not read as ubusd does.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Table, UbusClient } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../../packages/simulators/broker/broker.js';
import type { Service } from '../../src/api/service.js';
import { lotOf } from '../../src/domain/lot.js';
import { newSession, type Session } from '../../src/domain/session.js';
import type { Notice } from '../../src/ports/notice.js';
import { publish } from '../../src/wiring/publish.js';
import { loadConfig } from '../../src/wiring/schema.js';
import { mac, plan } from '../engine/world.js';

/** A session with many purchases, as after a long day. */
function session(n: number): Session {
  const lot = lotOf(plan('data'), 1, { method: 'cash', reference: 'x'.repeat(60) }, { at: 0, key: 'k' });
  return {
    ...newSession({ id: `s${n}`, mac: mac(n % 250), gateway: 'lan' }, lot),
    lots: Array(50).fill(lot),
  };
}

test('the usage of 2,000 sessions at once costs no answer and no notification', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const socket = join(dir, 'ubus.sock');
  const broker = new UbusBroker(socket);
  await broker.start();
  const loaded = loadConfig(
    `config turnpike 'main'\n\toption socket '${socket}'\nconfig gateway 'lan'\n\toption type 'opennds'\n`,
    'f',
  );
  assert.ok(loaded.ok);
  const tell = new Set<(notice: Notice) => void>();
  const service = { status: () => ({ version: 'test' }) } as unknown as Service;
  const bus = await publish(service, loaded.config, () => {}, tell);
  const client = new UbusClient({ socket });
  await client.connect();
  const heard: Table[] = [];
  let finish: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    finish = resolve;
  });
  await client.subscribe('turnpike', (type, data) => {
    if (type === 'session.usage') heard.push(data);
    if (heard.length === 2000) finish();
  });
  try {
    assert.is((await client.call('turnpike', 'status', {}))?.version, 'test');
    const sessions = Array.from({ length: 2000 }, (_, n) => session(n));
    for (const listener of tell) listener({ type: 'session.usage', sessions });
    // The next one comes before this one has been told: it is not told twice over.
    for (const listener of tell) listener({ type: 'session.usage', sessions });
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => client.call('turnpike', 'status', {})),
    );
    assert.ok(answers.every((answer) => answer?.version === 'test'));
    await all;
    assert.equal(
      heard.map((data) => data.id),
      sessions.map((s) => s.id),
    );
    assert.not.ok('lots' in heard[0]!, 'usage is told without how it was paid');
  } finally {
    client.close();
    bus.close();
    await broker.stop();
    rmSync(dir, { recursive: true });
  }
});

test('arguments that are nested too deep are refused as such, and leave no trace of a defect', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const socket = join(dir, 'ubus.sock');
  const broker = new UbusBroker(socket);
  await broker.start();
  const loaded = loadConfig(
    `config turnpike 'main'\n\toption socket '${socket}'\nconfig gateway 'lan'\n\toption type 'opennds'\n`,
    'f',
  );
  assert.ok(loaded.ok);
  const lines: string[] = [];
  const log = (level: string, line: string) => void (level === 'error' && lines.push(line));
  const bus = await publish({} as Service, loaded.config, log, new Set());
  const client = new UbusClient({ socket });
  try {
    await client.connect();
    let payment: Table = {};
    for (let depth = 1; depth < 33; depth += 1) payment = { payment };
    const { error } = (await client.call('turnpike', 'purchase', { payment })) as { error: Table };
    assert.is(error.code, 'bad_argument');
    assert.match(String(error.message), 'nested more than 32 deep');
    assert.equal(lines, []);
  } finally {
    await client.close();
    await bus.close();
    await broker.stop();
    rmSync(dir, { recursive: true });
  }
});

test.run();
