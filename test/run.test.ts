// What runs the tests: which files a word means, and what it believes of a file.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => rmSync(dir, { recursive: true }));

function list(...words: string[]): {
  readonly files: string[];
  readonly said: string;
  readonly code: number | null;
} {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['test/run.mjs', '--list', ...words], {
    encoding: 'utf8',
  });
  return { files: stdout.split('\n').filter((line) => line !== ''), said: stderr, code: status };
}

interface Ran {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly faults: readonly string[];
}

/** Runs a program as if it were a test file that holds so many tests. */
function run(program: string, holds = 1, silenceMs = 60_000): Ran {
  const js = join(dir, 'program.cjs');
  writeFileSync(js, program);
  const module = pathToFileURL(join('test', 'runner', 'file.mjs')).href;
  const script = `import { runFile } from '${module}';
    console.log(JSON.stringify(await runFile(JSON.parse(process.argv[1]))));`;
  const args = ['--input-type=module', '-e', script, JSON.stringify({ js, holds, cwd: dir, silenceMs })];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.is(stderr, '');
  return JSON.parse(stdout) as Ran;
}

const summary = (passed: number, total = passed) =>
  `console.log('\\n  Total:     ${total}\\n  Passed:    ${passed}');\n`;

test('what a file skips is counted as that, and not as passed', () => {
  const skips = "console.log('  Total:     1\\n  Passed:    1\\n  Skipped:   2');";
  const { passed, failed, skipped, faults } = run(skips, 3);
  assert.equal([passed, failed, skipped, faults], [1, 0, 2, []]);
  assert.is(run(skips, 4).failed, 1, 'and one was lost');
  const none = run("console.log('  Total:     0\\n  Passed:    0\\n  Skipped:   2');", 2);
  assert.equal([none.passed, none.failed, none.skipped], [0, 0, 2]);
});

test('a file is found by its name, however its path is written', () => {
  for (const word of [
    'store/journal',
    'store/journal.test.ts',
    'test/store/journal',
    './test/store/journal.test.ts',
    'src/store/journal.ts',
  ])
    assert.equal(list(word).files, ['store/journal.test.ts'], word);
  assert.equal(list('contracts/SessionEscrow.sol').files, ['contracts/session-escrow.test.ts']);
  assert.equal(list('packages/ubus/src/frame.ts').files, ['ubus/frame.test.ts']);
});

test('a folder is what is in it, and a word is what has it in its path', () => {
  for (const word of ['store', 'test/store/', 'src/store'])
    assert.ok(
      list(word).files.length > 5 && list(word).files.every((file) => file.startsWith('store/')),
      word,
    );
  const crashes = list('crash').files;
  assert.ok(crashes.includes('store/crash.test.ts') && crashes.includes('main/radius-crash.test.ts'));
  assert.equal(list('store/outbox', 'store/open').files, ['store/open.test.ts', 'store/outbox.test.ts']);
});

test('the tests of the whole system are apart', () => {
  assert.ok(list().files.every((file) => !file.startsWith('system/')));
  assert.equal(list('--system', 'luci-looks').files, ['system/luci-looks.test.ts']);
  assert.match(list('system/luci-looks').said, 'npm run test:system -- system/luci-looks');
  assert.match(list('--system', 'store/frame').said, 'npm test -- store/frame');
});

test('a word that means nothing is an error with the nearest names, and nothing is run', () => {
  const { files, said, code } = list('store/jornal', 'store/frame');
  assert.equal([files, code], [[], 2]);
  assert.match(said, /no test is called store\/jornal.*store\/journal/);
  assert.match(list('src/store/header.ts').said, /these import it: .*store\/frame/);
});

test('a file is believed by its count', () => {
  const { passed, failed, faults } = run(summary(2));
  assert.equal([passed, failed, faults], [2, 0, []]);
  assert.equal(run('').faults, ['ran no test', 'ran 0 of the 1 tests that it holds']);
  assert.equal(run(summary(2, 3)).faults, ['1 of 3 failed']);
  assert.equal(run(summary(2), 5).faults, ['ran 2 of the 5 tests that it holds']);
  const broken = run(`${summary(2)}process.exitCode = 3;`);
  assert.equal([broken.failed, broken.faults], [1, ['exit code 3']]);
  assert.equal(run(`${summary(2)}process.kill(process.pid, 'SIGKILL');`).faults, ['ended by SIGKILL']);
});

test('a file that says nothing any more is ended and named with its last lines; one that does is not', () => {
  const [fault] = run(`console.log('so far so good'); setInterval(() => {}, 1e6);`, 0, 600).faults;
  assert.match(fault!, /said nothing for 0\.6 s; its last lines:\nso far so good/);
  // Each piece comes in a tenth of the time that may go by without one; all of them take longer than that.
  const talk = `let n = 0; const timer = setInterval(() => { process.stdout.write('. '); if (++n < 15) return;
    clearInterval(timer); ${summary(1)} }, 200);`;
  assert.equal(run(talk, 1, 2_000).faults, []);
});

test('what a file leaves behind is taken away and held against it', () => {
  const note = join(dir, 'pid');
  const leave = `const { spawn } = require('child_process');
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    require('fs').writeFileSync(${JSON.stringify(note)}, String(child.pid));
    require('net').createServer().listen(process.env.TMPDIR + '/left.sock', () => process.exit(0));
    ${summary(1)}`;
  const { faults } = run(leave);
  assert.equal(faults, ['left behind: process sleep 600', 'left behind: file left.sock']);
  assert.not(existsSync(`/proc/${readFileSync(note, 'utf8')}/exe`));
});

test.run();
