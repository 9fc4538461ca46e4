// What must stay true of the project as a whole: who may import whom, and what reaches the router.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const files = ['src', 'workers'].flatMap(typescriptIn);

function typescriptIn(root: string): string[] {
  return readdirSync(root, { recursive: true })
    .map((f) => join(root, String(f)))
    .filter((f) => f.endsWith('.ts'));
}

/** Files of the project that a file imports, types too. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = [...text.matchAll(/(?:from|import)\s*\(?'(\.[^']+)\.js'/g)];
  return found.map((m) => `${relative('.', join(dirname(file), m[1]!))}.ts`);
}

const pure = ['src/domain', 'src/ports'];
/** With these a member writes its table of options. */
const tables = ['kind', 'option', 'section', 'endpoint'].map((name) => `src/config/${name}.ts`);
const server = [...pure, ...tables, 'src/version.ts'];
const kind = [...pure, ...tables, 'src/portals/ndsctl', 'src/portals/premises', 'src/portals/section.ts'];

/** A room, and those that it may import from beside itself. The longest name that fits a file is its room. */
const rules: Readonly<Record<string, readonly string[]>> = {
  'src/domain': ['src/ports'],
  'src/ports': ['src/domain', 'src/config/section.ts'],
  'src/config': [...pure, 'src/system-error.ts'],
  'src/engine': pure,
  'src/store': pure,
  'src/http': [],
  'src/programs': [],
  'src/kernel': [...pure, 'src/programs', 'workers/contract.ts'],
  'src/api': pure,
  'src/setup': [...pure, 'src/config/uci.ts', 'src/store', 'src/system-error.ts'],
  'src/web': [...pure, 'src/system-error.ts'],
  'src/web/x402': pure,
  'src/web/tollgate': pure,
  workers: [...pure, 'src/portals/ndsctl', 'src/programs'],
  'src/portals': [...pure, ...tables, 'src/portals/metering', ...membersOf('portals')],
  'src/portals/metering': [...pure, 'workers'],
  'src/portals/premises': pure,
  'src/portals/ndsctl': [...pure, ...tables, 'src/portals/parts.ts'],
  'src/portals/opennds': kind,
  'src/portals/nodogsplash': kind,
  'src/portals/nftables': [...kind, 'src/portals/parts.ts', 'workers/contract.ts'],
  'src/payments': membersOf('payments'),
  'src/payments/cash': [...pure, ...tables],
  'src/payments/cashu': [...pure, ...tables, 'src/http'],
  'src/payments/upstream': [...pure, ...tables, 'src/http'],
  'src/payments/webhook': [...pure, ...tables],
  'src/payments/wallet': [...pure, ...tables, 'src/http'],
  'src/radius': server,
  'src/mqtt': server,
  'src/authorizers': membersOf('authorizers'),
  'src/authorizers/radius': [...server, 'src/radius'],
  'src/reports': membersOf('reports'),
  'src/reports/radius': [...server, 'src/radius'],
  'src/reports/mqtt': [...server, 'src/mqtt'],
  'src/orders': membersOf('orders'),
  'src/orders/radius': [...server, 'src/radius'],
  'src/orders/mqtt': [...server, 'src/mqtt'],
  // Put the others together.
  'src/wiring': [
    ...[
      ...pure,
      'src/api',
      'src/config',
      'src/engine',
      'src/kernel',
      'src/setup',
      'src/store',
      'src/web',
      'src/log.ts',
    ],
    ...['portals', 'payments', 'authorizers', 'reports', 'orders'].map((seam) => `src/${seam}/registry.ts`),
    ...[
      'src/portals/parts.ts',
      'src/portals/metering',
      'src/payments/webhook',
      'src/payments/cashu/section.ts',
    ],
    ...['src/clock.ts', 'src/system-error.ts', 'packages/ubus'],
  ],
  // Commands of the program: they put together what each needs.
  'src/cli': ['src', 'packages/ubus'],
  // What the messages are, and nothing of who sends them.
  'src/collector': [
    ...pure,
    ...['message', 'layout', 'refusal', 'subscription', 'versions'].map((name) => `src/mqtt/${name}.ts`),
    'src/system-error.ts',
  ],
  // Beside the collector, on its database; signatures are those that routers check.
  'src/hub': [
    ...[...pure, 'src/collector', 'src/mqtt/message.ts', 'src/mqtt/layout.ts'],
    'src/mqtt/versions.ts',
    ...['signature', 'event'].map((name) => `src/payments/webhook/${name}.ts`),
    ...['src/system-error.ts', 'src/version.ts'],
  ],
  'src/facilitator': [
    ...[...pure, 'src/payments/wallet', 'src/http', 'src/log.ts'],
    ...['src/store/disk.ts', 'src/store/lock.ts', 'src/system-error.ts'],
  ],
};

/** Files of the programs as a whole: they put everything together. */
const programs = ['main', 'cli', 'clock', 'log', 'version', 'system-error'].map((name) => `src/${name}.ts`);

/** What a registry names of its members. */
function membersOf(seam: string): string[] {
  const folders = readdirSync(join('src', seam), { withFileTypes: true }).filter((f) => f.isDirectory());
  return folders.map(({ name }) => `src/${seam}/${name}/member.ts`);
}

function roomOf(file: string): string | undefined {
  const fitting = Object.keys(rules).filter((room) => file.startsWith(`${room}/`));
  return fitting.sort((a, b) => b.length - a.length)[0];
}

test('each room imports only from the rooms that it may know', () => {
  let checked = 0;
  for (const file of files.filter((f) => !programs.includes(f))) {
    const room = roomOf(file);
    assert.ok(room, `${file} is in no room: give its folder a line in this test`);
    for (const target of importsOf(file)) {
      checked += 1;
      const isInside = roomOf(target) === room;
      const ok = isInside || rules[room]!.some((a) => target === a || target.startsWith(`${a}/`));
      assert.ok(ok, `${file} imports ${target}`);
    }
  }
  assert.ok(checked > 500, `${checked} imports`);
});

test('the product imports no simulator and nothing of the demo, not even lazily or for a type', () => {
  const outside = [...files, ...typescriptIn('packages/ubus')];
  assert.ok(outside.length > 150 && outside.includes('packages/ubus/src/client.ts'), `${outside.length}`);
  for (const file of outside) {
    for (const target of importsOf(file)) {
      assert.not.match(target, /^packages\/(?:simulators|demo)\//, file);
    }
  }
});

test('simulators know neither the demo nor the daemon as a whole', () => {
  for (const file of typescriptIn('packages/simulators')) {
    for (const target of importsOf(file)) {
      const near = /^packages\/(?:simulators|ubus)\//.test(target);
      assert.ok(
        near || /^src\/(?:domain|ports|portals|payments\/wallet)\//.test(target),
        `${file} imports ${target}`,
      );
    }
  }
});

test('ports are types, which leave nothing behind when they are translated', () => {
  for (const file of files.filter((f) => f.startsWith('src/ports/'))) {
    const text = readFileSync(file, 'utf8');
    assert.not.match(text, /^import (?!type )/m, file);
    assert.not.match(text, /^export (?!interface |type )/m, file);
  }
});

/** Every file that is loaded when `file` is, by imports that are not of types alone. */
function loadedWith(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [statement, path] of text.matchAll(/^(?:import|export)(?! type)[^;]*?from '(\.[^']+)\.js';/gm)) {
    const names = statement.match(/\{([^}]*)\}/)?.[1]?.split(',') ?? ['value'];
    if (names.every((name) => name.trim() === '' || name.trim().startsWith('type '))) continue;
    loadedWith(`${relative('.', join(dirname(file), path!))}.ts`, found);
  }
  return found;
}

test('what serves a server upstream is loaded when one is configured, and not before', () => {
  const loaded = [...loadedWith('src/main.ts')];
  const rooms = ['radius', 'mqtt', 'authorizers/radius', 'reports/radius', 'reports/mqtt', 'orders/radius'];
  rooms.push(
    'orders/mqtt',
    'payments/wallet',
    'payments/cashu',
    'payments/upstream',
    'payments/webhook',
    'web/x402',
    'web/tollgate',
    'collector',
    'hub',
    'facilitator',
  );
  // The tables of options and the members' names are there from the beginning.
  const light = /\/(?:member|upstream|section)\.ts$/;
  const heavy = loaded.filter((file) => rooms.some((room) => file.startsWith(`src/${room}/`)));
  assert.equal(
    heavy.filter((file) => !light.test(file)),
    [],
  );
  for (const file of loaded) {
    assert.not.match(
      readFileSync(file, 'utf8'),
      /^import (?!type)[^;]*from '(?:@cashu|mqtt|pg|radius|viem)/m,
      file,
    );
  }
  assert.ok(loaded.length > 80, `${loaded.length} files`);
});

test('nobody loads the facilitator but its own command', () => {
  for (const file of files.filter(
    (f) => !f.startsWith('src/facilitator/') && f !== 'src/cli/facilitator.ts',
  )) {
    for (const target of importsOf(file)) assert.not(target.startsWith('src/facilitator/'), file);
  }
  for (const file of readdirSync('dist').filter(
    (f) => f.endsWith('.mjs') && !['facilitator.mjs', 'collector.mjs', 'hub.mjs'].includes(f),
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

test('the scheme for wallets imports nothing of ours', () => {
  const own = filesIn(['packages/x402r-session/src']);
  for (const file of own) {
    for (const [, from] of readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)) {
      assert.match(from!, /^viem$|^@x402\/evm$|^\.\/[a-z-]+\.js$/, file);
    }
  }
  assert.ok(own.length > 3, `${own.length} files`);
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
  for (const file of [...files, ...typescriptIn('packages')]) {
    const lines = readFileSync(file, 'utf8').split('\n').length;
    assert.ok(lines <= 251, `${file} has ${lines} lines`);
  }
});

test('a test lies in the folder of what it tests', () => {
  const foldersBelow = (root: string) =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  // The whole daemon, the whole router, and programs that are no source: these have no folder to lie in.
  const others = ['main', 'model', 'system', 'luci-app', 'docs', 'campaign', 'soak'];
  const sources = ['src', 'workers', 'packages', 'contracts'];
  const folders = new Set([...others, 'workers', 'contracts', ...sources.flatMap(foldersBelow)]);
  const tests = readdirSync('test', { recursive: true })
    .map(String)
    .filter((f) => f.endsWith('.test.ts'));
  assert.ok(tests.length > 100, `${tests.length} tests`);
  const astray = tests.filter((f) => dirname(f) !== '.' && !folders.has(dirname(f)));
  assert.equal(astray, []);
});

/** Files that let real time go by, and what for. Everybody else waits for an event, or uses `until` of test/rig. */
const pauses: Readonly<Record<string, string>> = {
  'test/rig/until.ts': 'between one look and the next',
  'test/campaign/campaign.ts': 'kills come at random moments',
  'test/campaign/customers.ts': 'people take their time',
  'test/campaign/outbox-child.ts': 'a sink that is slow',
  'test/soak/soak.ts': 'a soak lasts as long as it is told to',
  'test/soak/faults.ts': 'a fault lasts so long',
  'test/soak/heap.ts': 'a snapshot of the books on its way to the disk is there by then',
  'test/docs/pictures.ts': 'rates are seen from one look to the next',
  'test/system/backstop-rates.test.ts': 'a rate is measured over some seconds',
  'test/system/mqtt-broker.test.ts': 'answers are timed at a pace',
  'test/system/mqtt-collectors.test.ts': 'reports are sent at a pace',
  'test/system/mqtt-credentials.test.ts':
    'no second try comes: four times as long as the first one would take',
  'test/system/mqtt-outage.test.ts': 'the broker is away for so long',
  'test/system/rig/webserver.ts': 'pages are sent at a rate',
};

test('tests wait for events, and those that let time go by have a reason', () => {
  const tests = readdirSync('test', { recursive: true })
    .map((f) => join('test', String(f)))
    .filter((f) => f.endsWith('.ts'));
  const pausing = tests.filter((f) =>
    /setTimeout[^;]*'node:timers\/promises'|new Promise\b[^;]*\bsetTimeout\(\w+, /.test(
      readFileSync(f, 'utf8'),
    ),
  );
  assert.equal(pausing.sort(), Object.keys(pauses).sort());
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
  type Named = Record<'dependencies' | 'devDependencies' | 'optionalDependencies', object>;
  const named = (of: Named) => [of.dependencies, of.devDependencies, of.optionalDependencies];
  const own = JSON.parse(readFileSync('package.json', 'utf8')) as Named;
  assert.equal(named(packages[''] as Named), named(own), 'npm ci leaves out what package.json does not name');
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
