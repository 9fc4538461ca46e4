// The folder for temporary files belongs to everybody: nothing that a stranger puts there is followed.
import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Program, withFolder } from './program.js';

let temp = '';
withFolder((folder) => {
  temp = folder;
});

/** Where the demo of 0.1.0 wrote the path of its bus, for every command to read. */
const pointer = () => join(temp, 'turnpike-demo.socket');

test('a command that names no socket does not go to the bus that a stranger names', async () => {
  let visits = 0;
  const stranger = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  const socket = join(temp, 'stranger.sock');
  await new Promise<void>((resolve) => stranger.listen(socket, resolve));
  writeFileSync(pointer(), socket);
  for (const args of [['call', 'status'], ['sessions']]) await Program.turnpike(temp, args).ended;
  await new Promise((resolve) => stranger.close(resolve));
  assert.is(visits, 0);
});

test('the demo writes through no symbolic link that a stranger has laid', async () => {
  const precious = join(temp, 'precious');
  writeFileSync(precious, 'as it was');
  symlinkSync(precious, pointer());
  const demo = Program.turnpike(temp, ['demo', '--clients', '1', '--seconds', '1', '--json']);
  assert.is(await demo.ended, 0, demo.err);
  assert.is(readFileSync(precious, 'utf8'), 'as it was');
  assert.ok(lstatSync(pointer()).isSymbolicLink(), 'nor does it take the link away');
});

test.run();
