// However the demo is stopped, it leaves nothing behind.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Program, withFolder } from './program.js';

let temp = '';
withFolder((folder) => {
  temp = folder;
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} ends the demo with exit code 0, and its folder is gone`, async () => {
    const demo = Program.turnpike(temp, ['demo', '--clients', '3']);
    await demo.says(/active/);
    const [folder] = readdirSync(temp);
    assert.is(statSync(join(temp, folder!)).mode & 0o777, 0o700, 'nobody else may enter it');
    // npm passes on what the terminal has sent already.
    demo.child.kill(signal);
    demo.child.kill(signal);
    assert.is(await demo.ended, 0, demo.err);
    assert.match(demo.out, /The demo has ended after \d+ s\..* Nothing is left behind\.\n$/);
    assert.is(demo.err, '');
    assert.equal(readdirSync(temp), []);
  });
}

test('a reader that goes away ends the demo, as in `npm run demo | head -1`', async () => {
  const demo = Program.turnpike(temp, ['demo', '--clients', '3']);
  await demo.says(/\n/);
  demo.child.stdout!.destroy();
  assert.is(await demo.ended, 0, demo.err);
  assert.is(demo.err, '');
  assert.equal(readdirSync(temp), []);
});

/** ECMA-48 private mode 1049, set: what is drawn from here on is gone when it is reset. */
const otherScreen = '\x1b[?1049h';

test('at a terminal the demo gives back the screen that was there before', async () => {
  const command = `"${process.execPath}" dist/turnpike.mjs demo --clients 3 --seconds 2`;
  const demo = new Program('script', ['-qec', command, '/dev/null'], temp, { TERM: 'xterm' });
  assert.is(await demo.ended, 0, demo.out);
  const [before, table, after] = demo.out.replace('\x1b[?1049l', otherScreen).split(otherScreen);
  assert.is(before, '');
  assert.match(table!, 'The demo ends by itself after 2 s; Ctrl-C ends it now.');
  assert.match(table!, /device +plan +state/);
  assert.match(after!, /^The demo has ended after 2 s\./);
  assert.equal(readdirSync(temp), []);
});

test.run();
