// turnpike check --router: which runtime a router can have, before it has any.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => rmSync(dir, { recursive: true }));

interface Router {
  processor: string;
  /** In MB. */
  memory: number;
  flash: number;
  release?: string;
  cpu?: string;
  /** What `node --version` says. */
  node?: string;
}

/** Features of a usual processor of x86. */
const usual = 'flags\t\t: fpu sse sse2 ssse3 sse4_1 sse4_2 avx\n';

/** Puts a program into the router's root. */
function installed(path: string, script: string): void {
  const file = join(dir, 'root', path);
  mkdirSync(dirname(file), { recursive: true });
  program(file, script);
}

/** What the command says on such a router. */
function checked({ processor, memory, flash, release = '25.12.0', cpu = usual, node }: Router) {
  const root = join(dir, 'root');
  rmSync(root, { recursive: true, force: true });
  for (const folder of ['proc', 'etc', 'overlay', 'bin']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'proc/meminfo'), `MemTotal:       ${memory * 1024} kB\nMemFree: 1 kB\n`);
  writeFileSync(join(root, 'proc/cpuinfo'), cpu);
  writeFileSync(join(root, 'etc/openwrt_release'), `DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='${release}'\n`);
  program(join(root, 'bin/uname'), `echo ${processor}`);
  program(
    join(root, 'bin/df'),
    `echo 'Filesystem 1K-blocks Used Available Use% Mounted on'; echo '/dev/ubi0_1 200000 1 ${flash * 1024} 1% /overlay'`,
  );
  if (node !== undefined) installed('usr/bin/node', `echo ${node}`);
  const env = { PATH: `${join(root, 'bin')}:${process.env.PATH}` };
  const { status, stdout } = spawnSync('sh', ['files/usr/lib/turnpike/router', root], {
    env,
    encoding: 'utf8',
  });
  return { status, lines: stdout.trimEnd().split('\n') };
}

function program(file: string, script: string): void {
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

test('a router of 25.12 with room takes the runtime, and Node.js where a feed has it', () => {
  assert.equal(checked({ processor: 'aarch64', memory: 500, flash: 180 }), {
    status: 0,
    lines: [
      'OpenWrt 25.12.0, aarch64, 500 MB of memory, 180 MB free on /overlay',
      "Node.js: yes, where a feed has 20.15 or later: of OpenWrt's own, that of 24.10 alone",
      'turnpike-runtime (Bun): yes, the package for aarch64',
    ],
  });
});

test('24.10 has Node.js in its own feed, which takes less flash than the runtime', () => {
  const { status, lines } = checked({ processor: 'x86_64', memory: 500, flash: 80, release: '24.10.4' });
  assert.is(status, 0);
  assert.equal(lines.slice(1), [
    'Node.js: yes, from its own feed: opkg install node',
    'turnpike-runtime (Bun): no: 80 MB of flash are free, and it takes up to 110',
  ]);
});

test('a router with too little memory can have neither', () => {
  const { status, lines } = checked({ processor: 'aarch64', memory: 120, flash: 500 });
  assert.is(status, 1);
  for (const line of lines.slice(1)) assert.match(line, 'no: 120 MB of memory, and it needs 220');
});

test('MIPS has neither, however large the router', () => {
  const { status, lines } = checked({ processor: 'mips', memory: 4000, flash: 4000 });
  assert.is(status, 1);
  for (const line of lines.slice(1)) assert.match(line, 'no: there is none for mips');
});

test('a 32-bit ARM has Node.js if it has a floating point unit, and no Bun', () => {
  const arm = { processor: 'armv7l', memory: 500, flash: 500 };
  const without = checked({ ...arm, cpu: 'Features : half thumb edsp tls\n' });
  assert.is(without.status, 1);
  assert.match(without.lines[1]!, 'no: this processor has no floating point unit');
  const withUnit = checked({ ...arm, cpu: 'Features : half thumb neon vfpv3 tls\n' });
  assert.is(withUnit.status, 0);
  assert.match(withUnit.lines[1]!, 'Node.js: yes');
  assert.match(withUnit.lines[2]!, 'no: there is none for this processor');
});

test('a router that has Node.js is told whether it is recent enough, and needs no flash for it', () => {
  const full = { processor: 'aarch64', memory: 500, flash: 5, release: '23.05.5' };
  const recent = checked({ ...full, node: 'v20.20.2' });
  assert.is(recent.status, 0);
  assert.is(recent.lines[1], 'Node.js: yes, 20.20.2 is installed');
  for (const old of ['18.20.6', '20.9.0']) {
    const { status, lines } = checked({ ...full, node: `v${old}` });
    assert.is(status, 1);
    assert.is(lines[1], `Node.js: no: ${old} is installed, and turnpike needs 20.15 or later`);
  }
  const broken = checked({ ...full, node: "'Error loading shared library'" });
  assert.is(broken.lines[1], 'Node.js: no: 5 MB of flash are free, and it takes up to 64');
});

test('where Node.js is too old beside Bun, it may stay: turnpike starts Bun', () => {
  const old = { processor: 'aarch64', memory: 500, flash: 180, node: 'v18.20.6' };
  const bun = 'turnpike-runtime (Bun): yes, the package for aarch64';
  assert.is(checked(old).lines[2], bun);
  assert.is(checked({ ...old, node: 'v20.20.2' }).lines[2], bun);
});

test('an x86 that is too old for a runtime is told so', () => {
  const room = { memory: 500, flash: 500, release: '24.10.4', cpu: 'flags : fpu sse sse2 ssse3 sse4a\n' };
  const bobcat = checked({ ...room, processor: 'x86_64' });
  assert.is(bobcat.status, 0);
  assert.is(bobcat.lines[2], 'turnpike-runtime (Bun): no: this processor has no SSE4.2');
  const celeron = checked({ ...room, processor: 'i686' });
  assert.match(celeron.lines[1]!, 'Node.js: yes');
  const pentium = checked({ ...room, processor: 'i686', cpu: 'flags : fpu mmx sse\n' });
  assert.is(pentium.status, 1);
  assert.is(pentium.lines[1], 'Node.js: no: this processor has no SSE2');
});

test('the command asks it before it starts a runtime', () => {
  const script = readFileSync('files/usr/bin/turnpike', 'utf8');
  const router = join(dir, 'router');
  program(router, 'echo asked');
  const asks = script.replaceAll('/usr/lib/turnpike/router', router).replaceAll('/usr/bin/node', '/bin/echo');
  const says = (...args: string[]) =>
    spawnSync('sh', ['-c', asks, 'turnpike', ...args], { encoding: 'utf8' }).stdout;
  assert.is(says('check', '--router'), 'asked\n');
  assert.match(says('check'), 'turnpike.mjs check\n');
});

test.run();
