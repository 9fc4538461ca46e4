// What nft says of our own writes is known for ours, however busy we are: else each of them would have the table compared.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.js';
import { RulesetMonitor } from '../../src/kernel/monitor.js';
import { nftAt } from '../../src/kernel/nft.js';
import { OwnWrites } from '../../src/kernel/own-writes.js';
import { until } from '../rig/until.js';
import { nftIn } from './rig/kernel-shop.js';
import { buildNetwork } from './rig/network.js';
import type { Room } from './rig/room.js';

const writes = 60;
/** A thread that has just started nft goes on for so long, in ms: nft is done by then. */
const busyMs = 15;

const rooms: Room[] = [];

test.after(async () => {
  await Promise.all(rooms.map((room) => room.close()));
});

test('no write of ours is taken for somebody else’s while the thread is busy', async () => {
  const { gateway } = await buildNetwork(1, rooms);
  const { file, remove } = nftIn(gateway);
  const own = new OwnWrites();
  const nft = nftAt(file, own);
  const heard: boolean[] = [];
  const monitor = new RulesetMonitor({
    ...{ file, clock: systemClock, log: () => {} },
    written: ({ pid }) => own.whenNamed(() => heard.push(pid !== undefined && own.has(pid))),
  });
  await nft(['-f', '-'], 'add table inet one\nadd set inet one s { type ipv4_addr; }\n');
  monitor.start();
  let tables = 0;
  const theirs = async () => {
    await gateway.run('nft', ['add', 'table', 'inet', `other${tables++}`]);
    return heard.includes(false);
  };
  await until('somebody else is heard', theirs);
  heard.length = 0;
  for (let n = 0; n < writes; n++) {
    const written = nft(['-f', '-'], `${n % 2 ? 'delete' : 'add'} element inet one s { 10.0.0.1 }\n`);
    for (const begun = performance.now(); performance.now() < begun + busyMs; );
    await written;
  }
  await until(
    'all are heard',
    () => heard.length >= writes,
    () => heard.length,
  );
  assert.equal(heard.filter((isOurs) => !isOurs).length, 0);
  await monitor.stop();
  remove();
});

test.run();
