// What must stay true of the project as a whole: who may import whom, and what reaches the router.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const files = ['src', 'workers'].flatMap((root) =>
  readdirSync(root, { recursive: true })
    .map((f) => join(root, String(f)))
    .filter((f) => f.endsWith('.ts')),
);

/** Files of the project that a file imports, types too. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = [...text.matchAll(/(?:from|import)\s*\(?'(\.[^']+)\.js'/g)];
  return found.map((m) => `${relative('.', join(dirname(file), m[1]!))}.ts`);
}

/** A room and those that it may import from. `file` names stand for themselves. */
const rules: Readonly<Record<string, readonly string[]>> = {
  'src/domain': ['src/ports'],
  'src/ports': ['src/domain'],
  workers: ['src/domain', 'src/portals/ndsctl'],
  'src/portals': ['src/domain', 'src/ports', 'workers'],
  'src/kernel': ['src/domain', 'src/ports'],
  'src/store': ['src/domain', 'src/ports'],
  'src/api': ['src/domain', 'src/ports'],
  'src/config': ['src/domain', 'src/ports'],
  'src/payments/cash': ['src/domain', 'src/ports'],
  'src/engine': ['src/domain', 'src/ports'],
  'src/radius': ['src/domain', 'src/ports'],
  'src/mqtt': ['src/domain', 'src/ports'],
  'src/authorizers/radius': ['src/domain', 'src/ports', 'src/radius'],
  'src/reports/radius': ['src/domain', 'src/ports', 'src/radius'],
  'src/orders/radius': ['src/domain', 'src/ports', 'src/radius'],
  'src/reports/mqtt': ['src/domain', 'src/ports', 'src/mqtt'],
  'src/orders/mqtt': ['src/domain', 'src/ports', 'src/mqtt'],
  // What the messages are, and nothing of who sends them.
  'src/collector': ['src/domain', 'src/mqtt/message.ts', 'src/mqtt/layout.ts'],
  'src/facilitator': [
    'src/domain',
    'src/ports',
    'src/payments/wallet',
    'src/store/disk.ts',
    'src/store/lock.ts',
    'src/log.ts',
  ],
};

test('each room imports only from the rooms that it may know', () => {
  let checked = 0;
  for (const [room, allowed] of Object.entries(rules)) {
    for (const file of files.filter((f) => f.startsWith(`${room}/`))) {
      for (const target of importsOf(file)) {
        checked += 1;
        const ok = [room, ...allowed].some((a) => target === a || target.startsWith(`${a}/`));
        assert.ok(ok, `${file} imports ${target}`);
      }
    }
  }
  assert.ok(checked > 100, `${checked} imports`);
});

test('what serves one upstream is loaded by those only who have configured it', () => {
  const rooms = ['radius', 'mqtt'].flatMap((name) => [
    `src/${name}/`,
    `src/authorizers/${name}/`,
    `src/reports/${name}/`,
    `src/orders/${name}/`,
    `src/wiring/${name}`,
  ]);
  rooms.push('src/collector/', 'src/payments/wallet/');
  const isInside = (file: string) => rooms.some((room) => file.startsWith(room));
  // Programs of their own, which the daemon never loads.
  const others = ['src/facilitator/'];
  const mayLoad = (file: string) => isInside(file) || others.some((other) => file.startsWith(other));
  for (const file of files.filter((f) => !mayLoad(f))) {
    const text = readFileSync(file, 'utf8');
    const loaded = [...text.matchAll(/^(?:import|export)(?! type)[^;]*?from '(\.[^']+)\.js';/gm)];
    const targets = loaded.map((m) => `${relative('.', join(dirname(file), m[1]!))}.ts`);
    assert.equal(targets.filter(isInside), [], file);
    assert.not.match(text, /^import (?!type)[^;]*from '(?:mqtt|pg)'/m, file);
    assert.not.match(text, /from '(?:radius|viem)/, file);
    assert.not(
      targets.some((target) => others.some((other) => target.startsWith(other))),
      file,
    );
  }
});

test('nobody loads the facilitator but its own command', () => {
  for (const file of files.filter((f) => !f.startsWith('src/facilitator/') && f !== 'src/cli.ts')) {
    for (const target of importsOf(file)) assert.not(target.startsWith('src/facilitator/'), file);
  }
  for (const file of readdirSync('dist').filter(
    (f) => f.endsWith('.mjs') && !['facilitator.mjs', 'collector.mjs'].includes(f),
  )) {
    assert.not(/fastify|eth_sendRawTransaction/.test(readFileSync(join('dist', file), 'utf8')), file);
  }
});

test('viem is imported by its parts', () => {
  for (const file of files) {
    const parts = [...readFileSync(file, 'utf8').matchAll(/from '(viem[^']*)'/g)].map((m) => m[1]!);
    for (const part of parts)
      assert.ok(['viem/utils', 'viem/accounts', 'viem/actions'].includes(part), `${file}: ${part}`);
  }
});

/** Every file in these folders that is written in TypeScript. */
function filesIn(folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .map((f) => join(folder, String(f)))
      .filter((f) => f.endsWith('.ts') && !f.includes('/dist/')),
  );
}

test('the ubus client imports nothing of ours, and the project imports it by its name', () => {
  const own = filesIn(['packages/ubus/src']);
  const others = filesIn(['src', 'workers', 'packages', 'test', 'bench']).filter((f) => !own.includes(f));
  const mayUse = ['src/wiring/', 'src/cli', 'src/call.ts', 'packages/', 'test/', 'bench/'];
  const mayUseCodec = ['packages/simulators/', 'test/'];
  const isIn = (file: string, rooms: readonly string[]) => rooms.some((room) => file.startsWith(room));
  for (const file of own) {
    const text = readFileSync(file, 'utf8');
    for (const [, from] of text.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)) {
      assert.match(from!, /^node:|^\.\/[a-z]+\.js$/, file);
    }
    assert.ok(text.split('\n').length <= 251, `${file} is too long`);
  }
  let imports = 0;
  for (const file of others) {
    const text = readFileSync(file, 'utf8');
    assert.not(
      importsOf(file).some((f) => f.startsWith('packages/ubus/')),
      `${file} goes past its doors`,
    );
    for (const [, door] of text.matchAll(/from 'openwrt-ubus([^']*)'/g)) {
      imports += 1;
      assert.ok(isIn(file, mayUse), `${file} imports the ubus client`);
      if (door === '/wire') assert.ok(isIn(file, mayUseCodec), `${file} imports the codec of ubus`);
    }
  }
  assert.ok(own.length > 10 && imports > 30, `${own.length} files, ${imports} imports`);
});

test('no modules import each other in a circle', () => {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (file: string, path: string[]) => {
    if (state.get(file) === 'done') return;
    assert.is.not(state.get(file), 'open', [...path, file].join(' -> '));
    state.set(file, 'open');
    const text = readFileSync(file, 'utf8');
    for (const target of importsOf(file)) {
      const name = target.split('/').at(-1)!.replace('.ts', '.js');
      const typeOnly = new RegExp(`import type [^;]*${name}'`).test(text);
      if (!typeOnly && files.includes(target)) visit(target, [...path, file]);
    }
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
});

test('no file is longer than 250 lines', () => {
  for (const file of files) {
    const lines = readFileSync(file, 'utf8').split('\n').length;
    assert.ok(lines <= 251, `${file} has ${lines} lines`);
  }
});

/** A package in the lock file. */
interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly hasInstallScript?: boolean;
  readonly cpu?: readonly string[];
}

/** Where Node looks for a package that the one at `at` names, nearest first. */
function placesOf(at: string, name: string): string[] {
  const places = [`node_modules/${name}`];
  for (let i = at.indexOf('/node_modules/'); i >= 0; i = at.indexOf('/node_modules/', i + 1)) {
    places.unshift(`${at.slice(0, i)}/node_modules/${name}`);
  }
  return at === '' ? places : [`${at}/node_modules/${name}`, ...places];
}

test('nothing native is in the run-time tree', () => {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
  const found = new Set<string>();
  const visit = (at: string) => {
    if (found.has(at)) return;
    found.add(at);
    const { dependencies, optionalDependencies } = lock.packages[at]!;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const path = placesOf(at, name).find((p) => p in lock.packages);
      assert.ok(path, `${at} needs ${name}`);
      visit(path);
    }
  };
  visit('');
  found.delete('');
  for (const path of found) {
    const entry = lock.packages[path]!;
    assert.not(entry.hasInstallScript, `${path} runs a script when it is installed`);
    assert.is(entry.cpu, undefined, `${path} is for some processors only`);
    const natives = readdirSync(path, { recursive: true })
      .map(String)
      .filter((f) => /\.node$|binding\.gyp$/.test(f));
    assert.equal(natives, [], path);
  }
  assert.ok(found.size >= 2);
});

test('every version in package.json is exact', () => {
  const pkg = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, Record<string, string>>;
  for (const group of ['dependencies', 'devDependencies']) {
    for (const [name, version] of Object.entries(pkg[group]!)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
  }
});

test('the lock file holds every package that another one names, for every platform', () => {
  type Entry = { dependencies?: object; optionalDependencies?: object };
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, Entry>;
  };
  const missing = Object.entries(packages).flatMap(([at, entry]) =>
    Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
      .filter((d) => !(`node_modules/${d}` in packages) && !(`${at}/node_modules/${d}` in packages))
      .map((d) => `${at} needs ${d}`),
  );
  assert.ok(Object.keys(packages).length > 20);
  assert.equal(missing, [], 'npm ci refuses such a lock file');
});

test('the bundle runs from a folder with nothing else in it, worker and all', () => {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  try {
    cpSync('dist', join(dir, 'app'), { recursive: true });
    const args = [join(dir, 'app', 'turnpike.mjs'), 'demo', '--seconds', '4', '--clients', '20', '--json'];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, {
      cwd: dir,
      encoding: 'utf8',
      env: { TMPDIR: dir },
    });
    assert.is(status, 0, stderr);
    const line = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
    const keys = [
      'sold',
      'closed',
      'overshoot_bytes_max',
      'overshoot_ratio_max',
      'poll_ms_p50',
      'poll_ms_p99',
      'rss_mb',
      'errors',
    ];
    assert.equal(Object.keys(line), keys);
    assert.ok(Number(line.sold) > 0, 'something was sold');
    assert.ok(Number((line.closed as Record<string, number>).data) > 0, 'and used up');
    assert.is(line.errors, 0);
    assert.equal(readdirSync(dir), ['app'], 'nothing is left behind');
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('the npm package radius finds its dictionaries in a folder that holds the bundle only', () => {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  try {
    cpSync('dist', join(dir, 'app'), { recursive: true });
    const script = `
      const radius = require('radius');
      radius.load_dictionaries();
      console.log(require.resolve('radius'), radius.attr_name_to_id('Acct-Input-Gigawords'));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
      cwd: join(dir, 'app'),
      encoding: 'utf8',
    });
    assert.is(stdout, `${join(dir, 'app', 'node_modules', 'radius', 'lib', 'radius.js')} 52\n`);
    assert.is(stderr, '');
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test.run();
