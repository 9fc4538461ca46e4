// What is known of one device's gate, and what is said when it fails.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GateOutcome, Reading } from '../../src/domain/reading.js';
import { Complaints } from '../../src/engine/complaints.js';
import { Gate } from '../../src/engine/gate.js';
import { mac } from './world.js';

const reading = (ip: string, over: Partial<Reading> = {}) =>
  ({ mac: mac(1), ip, open: false, gone: false, restored: false, ...over }) as Reading;

test('a device is in when one of its addresses is, and each that is shut is known', () => {
  const gate = new Gate();
  assert.equal([gate.isOpen, gate.shut], [false, []]);
  gate.see(reading('10.0.0.1', { open: true }));
  gate.see(reading('10.0.0.2'));
  assert.equal([gate.isOpen, gate.shut], [true, ['10.0.0.2']]);
  gate.see(reading('10.0.0.1', { gone: true }));
  assert.equal([gate.isOpen, gate.shut], [false, ['10.0.0.2']]);
  gate.see(reading('10.0.0.2', { open: true }));
  gate.allShut();
  assert.equal([gate.isOpen, gate.shut], [false, ['10.0.0.2']]);
});

test('counters that a restart brought back stand still until the gate was shut', () => {
  const gate = new Gate();
  gate.see(reading('10.0.0.1', { open: true, restored: true }));
  gate.see(reading('10.0.0.1', { open: true }));
  assert.ok(gate.restored);
  gate.see(reading('10.0.0.1'));
  assert.not(gate.restored);
  gate.see(reading('10.0.0.1', { open: true, restored: true }));
  gate.allShut();
  assert.not(gate.restored);
});

test('tries come twice as far apart each time, up to half a minute, for ever', () => {
  const gate = new Gate();
  const waits = Array.from({ length: 40 }, () => gate.failed());
  assert.equal(waits.slice(0, 9), [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  assert.ok(waits.slice(7).every((ms) => ms === 30_000));
  gate.failures = 0;
  assert.is(gate.failed(), 250);
});

test('all who wait for a gate are let go of once', async () => {
  const gate = new Gate();
  const waiting = [1, 2].map(() => new Promise<void>((resolve) => gate.waiting.push(resolve)));
  gate.release();
  await Promise.all(waiting);
  assert.is(gate.waiting.length, 0);
});

function heard() {
  const log: string[] = [];
  const complaints = new Complaints('lan', (level, text) => log.push(`${level} ${text}`));
  const fail = (gate: Gate, reason: (GateOutcome & { ok: false })['reason'], n = 1) => {
    complaints.failed(gate, 'open', mac(n), { ok: false, reason, detail: `it is ${reason}`, before: [] });
    gate.failed();
  };
  return { log, complaints, fail };
}

test('a gate that fails is said once, until it has worked', () => {
  const { log, complaints, fail } = heard();
  const gate = new Gate();
  for (let i = 0; i < 5; i++) fail(gate, 'unchanged');
  assert.equal(log, [`warn lan: cannot open the gate of ${mac(1)}: it is unchanged`]);
  gate.failures = 0;
  complaints.worked();
  fail(gate, 'unchanged');
  assert.is(log.length, 2);
});

test('a portal that answers nobody is said once for all gates, one gate that does not turn each time', () => {
  const { log, complaints, fail } = heard();
  for (let n = 1; n <= 5; n++) fail(new Gate(), 'timeout', n);
  assert.is(log.length, 1);
  for (let n = 6; n <= 8; n++) fail(new Gate(), 'unchanged', n);
  assert.is(log.length, 4);
  complaints.worked();
  fail(new Gate(), 'timeout', 9);
  assert.is(log.length, 5);
});

test('a defect of ours is said as an error, with its place', () => {
  const { log, complaints } = heard();
  complaints.broke(mac(1), new Error('oops'));
  complaints.broke(mac(1), 'odd');
  assert.match(log[0]!, new RegExp(`^error lan: gate of ${mac(1)}: Error: oops\n *at `));
  assert.is(log[1], `error lan: gate of ${mac(1)}: odd`);
});

test.run();
