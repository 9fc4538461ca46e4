// What nft says of our own writes is known for ours, however busy we are: else each of them would have the table compared.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.js';
import { RulesetMonitor } from '../../src/kernel/monitor.js';
import { nftAt } from '../../src/kernel/nft.js';
import { OwnWrites } from '../../src/kernel/own-writes.js';
import { TestClock } from '../rig/clock.js';
import { until } from '../rig/until.js';
import { nftIn } from './rig/kernel-shop.js';
import { buildNetwork } from './rig/network.js';
import type { Room } from './rig/room.js';

const writes = 60;
/** A thread that has just started nft goes on for so long, in ms: nft is done by then. */
const busyMs = 15;

const table = 'inet one';

const rooms: Room[] = [];
let monitor: RulesetMonitor;
let program: ReturnType<typeof nftIn>;

test.after(async () => {
  await monitor?.stop();
  program?.remove();
  await Promise.all(rooms.map((room) => room.close()));
});

test('no write of ours is taken for somebody else’s while the thread is busy', async () => {
  const { gateway } = await buildNetwork(1, rooms);
  program = nftIn(gateway);
  const { file } = program;
  const own = new OwnWrites(new TestClock());
  const nft = nftAt(file, own);
  const heard: boolean[] = [];
  let isListening = false;
  monitor = new RulesetMonitor({
    ...{ file, clock: systemClock, log: () => {} },
    written: ({ pid, tables }) =>
      own.whenNamed(() => {
        if (tables?.has(table)) heard.push(pid !== undefined && own.has(pid));
        else isListening = true;
      }),
  });
  await nft(['-f', '-'], `add table ${table}\nadd set ${table} s { type ipv4_addr; }\n`);
  monitor.start();
  let others = 0;
  const theirs = async () => {
    await gateway.run('nft', ['add', 'table', 'inet', `other${others++}`]);
    return isListening;
  };
  await until('somebody else is heard', theirs);
  for (let n = 0; n < writes; n++) {
    const written = nft(['-f', '-'], `${n % 2 ? 'delete' : 'add'} element ${table} s { 10.0.0.1 }\n`);
    for (const begun = performance.now(); performance.now() < begun + busyMs; );
    await written;
  }
  await until(
    'all are heard',
    () => heard.length >= writes,
    () => heard.length,
  );
  assert.equal(heard.filter((isOurs) => !isOurs).length, 0);
});

test.run();
