// More requests than a port has identifiers.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { textOf } from '../../src/radius/find.js';
import { accept, setup } from './client-scene.js';
import { attributesOf } from './network.js';

test('256 requests share a source port, more take another, and beyond the bound they wait', async () => {
  const { clock, network, client, access } = setup(1, { sourcePorts: 2 });
  const outcomes = Array.from({ length: 600 }, (_, i) => access(`u${i}`));
  await clock.pass(0);
  assert.is(network.opened, 2);
  assert.is(network.sent.length, 512);
  assert.is(new Set(network.sent.map((s) => `${s.from} ${s.bytes[1]}`)).size, 512);
  const { outstanding, queued } = client.status[0]!;
  assert.equal([outstanding, queued], [512, 88]);
  network.handle = accept;
  for (const sent of network.sent.slice(0, 88)) accept(sent);
  await clock.pass(2_000);
  const ends = await Promise.all(outcomes);
  assert.ok(ends.every((end) => end.ok));
  assert.equal([client.status[0]!.outstanding, client.status[0]!.queued], [0, 0]);
  client.close();
  assert.equal([network.stillOpen, clock.pending], [0, 0]);
});

test('who waits for an identifier waits on where no other port can be had', async () => {
  const { clock, network, client, access } = setup(1);
  const outcomes = Array.from({ length: 256 }, () => access());
  await clock.pass(0);
  network.lost.add('a');
  outcomes.push(access());
  await clock.pass(0);
  assert.is(client.status[0]!.queued, 1);
  network.handle = accept;
  for (const sent of network.sent.slice(0, 256)) accept(sent);
  await clock.pass(0);
  assert.ok((await Promise.all(outcomes)).every((end) => end.ok));
  client.close();
});

test('who waits for an identifier until the end has its outcome too, and condemns nobody', async () => {
  const { clock, network, client, changes, access } = setup(1, { sourcePorts: 1 });
  network.handle = (s) => textOf(attributesOf(s.bytes), 'User-Name') === 'heard' && accept(s);
  const ignored = Array.from({ length: 256 }, (_, i) => access(`u${i}`));
  await clock.pass(0);
  const late = access('late');
  await clock.pass(30_000);
  assert.ok((await Promise.all(ignored)).every((end) => !end.ok && end.reason === 'timeout'));
  const end = await late;
  assert.ok(!end.ok && end.reason === 'timeout');
  assert.equal(changes, ['30000 a:1812 zombie']);
  client.close();
});

test.run();
