// A router without Node.js: the package that brings a runtime, and the command that takes what is there.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runtimeTarball } from './rig/runtime-tarball.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => rmSync(dir, { recursive: true }));

interface Builder {
  runtimePackages(
    processor: string,
    tarball: Buffer,
    outdir: string,
    pin?: { integrity: string },
  ): Promise<{ file: string }[]>;
}
const { runtimePackages } = (await import(pathToFileURL(resolve('runtime-package.mjs')).href)) as Builder;

function program(file: string, script: string): void {
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** The package unpacked. @returns the folders of its control files and of what it installs */
async function unpacked(processor: string): Promise<{ control: string; root: string }> {
  const { tarball, integrity } = runtimeTarball(dir, 'echo "bun $*"');
  const made = await runtimePackages(processor, tarball, dir, { integrity });
  assert.equal(
    made.map(({ file }) => basename(file)),
    [`turnpike-runtime_1.4.5-1_${processor}.ipk`, `turnpike-runtime-1.4.5-r1_${processor}.apk`],
  );
  const ipk = readFileSync(made[0]!.file);
  const [control, root] = [join(dir, `${processor}-control`), join(dir, `${processor}-root`)];
  for (const [folder, part] of [
    [control, './control.tar.gz'],
    [root, './data.tar.gz'],
  ] as const) {
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['xz', '-C', folder], { input: execFileSync('tar', ['xzO', part], { input: ipk }) });
  }
  return { control, root };
}

test('the runtime stands in for Node.js, and brings its licence', async () => {
  const { control, root } = await unpacked('aarch64');
  const text = readFileSync(join(control, 'control'), 'utf8');
  assert.match(text, /^Depends: libc, libstdcpp6$/m);
  assert.match(text, /^Provides: node$/m);
  const folder = join(root, 'usr/lib/turnpike-runtime');
  assert.match(readFileSync(join(folder, 'LICENSE'), 'utf8'), 'MIT');
  assert.is(execFileSync(join(folder, 'bun'), ['x']).toString(), 'bun x\n');
});

test('it is not installed on another processor', async () => {
  const { control } = await unpacked('x86_64');
  for (const [processor, status] of [
    ['x86_64', 0],
    ['mips', 1],
  ] as const) {
    program(join(dir, 'uname'), `echo ${processor}`);
    const env = { ...process.env, PATH: `${dir}:${process.env.PATH}` };
    const ran = spawnSync('sh', [join(control, 'preinst')], { env, encoding: 'utf8' });
    assert.is(ran.status, status, processor);
    assert.is(ran.stderr, status === 0 ? '' : 'turnpike-runtime: this package is for x86_64\n');
  }
});

test('a runtime other than the one that is pinned is refused', async () => {
  const { tarball } = runtimeTarball(dir, 'echo "bun $*"');
  const refused = await runtimePackages('x86_64', tarball, dir).catch((cause: Error) => cause.message);
  assert.match(refused as string, 'the runtime for x86_64 is not the one that is pinned');
});

/** OpenWrt's shell, where it is here, and the strictest one. */
const shells = [['sh'], ['dash'], ['busybox', 'ash']].filter(
  ([shell = '']) => !spawnSync(shell, ['-c', ':']).error,
);

/** What the command starts where Node.js says that it is this version, with or without Bun beside it. */
function started(version: string | undefined, hasBun: boolean): string[] {
  const place = mkdtempSync(join(dir, 'place-'));
  const script = readFileSync('files/usr/bin/turnpike', 'utf8')
    .replaceAll('/usr/bin/node', join(place, 'node'))
    .replaceAll('/usr/lib/turnpike-runtime/bun', join(place, 'bun'));
  if (hasBun) program(join(place, 'bun'), 'echo "bun $*"');
  const node = `[ "$*" != --version ] || { ${version}; exit; }; echo "node $*"`;
  if (version !== undefined) program(join(place, 'node'), node);
  return shells.map(([shell = '', ...args]) =>
    execFileSync(shell, [...args, '-c', script, 'turnpike', 'run', 'a b'], { stdio: 'pipe' }).toString(),
  );
}

test('the command takes Node.js where it is recent enough or alone, else the runtime', () => {
  const main = '/usr/lib/turnpike/turnpike.mjs run a b';
  const node = new RegExp(`^node --max-.* ${main}\n$`);
  const bun = new RegExp(`^bun --smol ${main}\n$`);
  for (const [version, runs] of [
    [undefined, bun],
    ...['v20.15.0', 'v20.20.2', 'v22.0.0', 'v100.1.0'].map((one) => [`echo ${one}`, node] as const),
    ...['v18.20.6', 'v20.9.0', 'v20.14.1', 'v4.99.0'].map((one) => [`echo ${one}`, bun] as const),
    ...['exit 127', 'echo', 'echo v', 'echo v20', 'echo 20.x', 'kill -SEGV $$'].map(
      (one) => [one, bun] as const,
    ),
  ] as const) {
    for (const said of started(version, true)) assert.match(said, runs, version);
  }
  for (const said of started('echo v18.20.6', false))
    assert.match(said, node, 'which says itself that it is too old');
});

test('without any runtime the command says so, and where to go on', () => {
  const script = readFileSync('files/usr/bin/turnpike', 'utf8').replaceAll('/usr/', join(dir, 'nowhere/'));
  const { status, stderr } = spawnSync('sh', ['-c', script, 'turnpike', 'run'], { encoding: 'utf8' });
  assert.is(status, 1);
  assert.match(
    stderr,
    /^turnpike: there is no Node\.js and no turnpike-runtime: turnpike check --router says /,
  );
});

test('Node.js leaves out its optimizing compiler on a router with less than 512 MB of memory', () => {
  const meminfo = join(dir, 'meminfo');
  program(join(dir, 'node'), 'echo "$*"');
  const script = readFileSync('files/usr/bin/turnpike', 'utf8')
    .replaceAll('/usr/bin/node', join(dir, 'node'))
    .replaceAll('/proc/meminfo', meminfo);
  const says = () => execFileSync('sh', ['-c', script, 'turnpike', 'run']).toString();
  const isOptimizing = () => !says().includes(' --no-opt ');
  assert.ok(isOptimizing(), 'where nobody knows');
  writeFileSync(meminfo, 'MemTotal:         491520 kB\nMemFree:          900000 kB\n');
  assert.not(isOptimizing());
  writeFileSync(meminfo, 'MemTotal:        1015808 kB\nMemFree:            9000 kB\n');
  assert.ok(isOptimizing());
});

test.run();
