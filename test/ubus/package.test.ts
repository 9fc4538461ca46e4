// The package as others get it: packed, installed in an empty folder without a network, its README's examples run.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UbusClient } from 'openwrt-ubus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../../packages/simulators/broker/broker.js';
import { realUbusd, skipped, ubusd } from './real.js';
import { type Daemon, once } from './rig.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const app = join(dir, 'app');
const installed = join(app, 'node_modules', 'openwrt-ubus');
const readme = readFileSync('packages/ubus/README.md', 'utf8');

/** The programs of the README by their headings. */
const examples = Object.fromEntries(
  [...readme.matchAll(/^## (\w+) .*\n\n```js\n([\s\S]*?)```/gm)].map(([, word, code]) => [
    word!.toLowerCase(),
    code!,
  ]),
);

function npm(args: string[], cwd: string): string {
  const quiet = { ...process.env, npm_config_update_notifier: 'false' };
  return execFileSync('npm', args, {
    cwd,
    env: quiet,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function install(): void {
  npm(['pack', '--silent', '--pack-destination', dir], 'packages/ubus');
  mkdirSync(app);
  const [tarball] = readdirSync(dir).filter((name) => name.endsWith('.tgz'));
  npm(['install', '--silent', '--offline', '--no-audit', '--no-fund', join(dir, tarball!)], app);
}

const test = suite('the package openwrt-ubus');

test.before(install);
test.after(() => rmSync(dir, { recursive: true }));

test('holds what runs, its types, its sources, its licence, and nothing else', () => {
  assert.equal(readdirSync(installed).sort(), ['LICENSE', 'README.md', 'dist', 'package.json', 'src']);
  assert.equal(
    readdirSync(join(app, 'node_modules')).filter((name) => !name.startsWith('.')),
    ['openwrt-ubus'],
  );
  const sources = readdirSync(join(installed, 'src'));
  const built = sources.flatMap((name) => [name.replace(/ts$/, 'd.ts'), name.replace(/ts$/, 'js')]);
  assert.equal(readdirSync(join(installed, 'dist')).sort(), built.sort());
});

test('imports nothing but Node itself', () => {
  let imports = 0;
  for (const name of readdirSync(join(installed, 'dist'))) {
    const text = readFileSync(join(installed, 'dist', name), 'utf8');
    for (const [, from] of text.matchAll(/(?:from|import\()\s*'([^']+)'/g)) {
      const isNode = from!.startsWith('node:') && builtinModules.includes(from!.slice(5));
      assert.ok(isNode || from!.startsWith('./'), `${name} imports ${from}`);
      imports += 1;
    }
  }
  assert.ok(imports > 20);
});

test('has types that a strict compiler takes', () => {
  const program = `import { type ListedObject, UbusClient, UbusError } from 'openwrt-ubus';
import { encodeTable } from 'openwrt-ubus/wire';
const bus = new UbusClient({ socket: '/nowhere', onError: (error: UbusError) => console.error(error.code) });
const found: ListedObject[] = await bus.list();
const type: 'int32' | 'unknown' | undefined | string = found[0]?.methods.m?.a;
await bus.publish({ path: 'x', methods: { m: { args: { a: 'int32' }, handler: ({ a }) => ({ a, type }) } } });
// @ts-expect-error there is no such type
await bus.publish({ path: 'x', methods: { m: { args: { a: 'integer' }, handler: () => undefined } } });
encodeTable({});
`;
  writeFileSync(join(app, 'use.mts'), program);
  const tsc = join(process.cwd(), 'node_modules/.bin/tsc');
  const types = ['--types', 'node', '--typeRoots', join(process.cwd(), 'node_modules/@types')];
  const strict = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'nodenext',
    '--target',
    'es2022',
  ];
  const flags = [...types, ...strict, '--ignoreConfig', 'use.mts'];
  execFileSync(tsc, flags, { cwd: app, stdio: 'inherit' });
});

examples.list = `import { UbusClient } from 'openwrt-ubus';
const bus = new UbusClient();
await bus.connect();
console.log((await bus.list()).map(({ path }) => path).sort());
await bus.close();
`;

/** A program of the README, on the bus at `socket`, with what it prints. */
function run(name: string, socket: string): { child: ChildProcess; prints: (text: RegExp) => Promise<void> } {
  const code = examples[name]!.replace('new UbusClient()', `new UbusClient({ socket: '${socket}' })`);
  assert.is.not(code, examples[name], `${name} makes a client`);
  const file = join(app, `${name}.mjs`);
  writeFileSync(file, code);
  const child = spawn(process.execPath, [file], { cwd: app, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  const waiting = new Set<() => void>();
  child.stdout!.on('data', (chunk) => {
    out += chunk;
    for (const look of waiting) look();
  });
  const prints = (text: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => text.test(out) && resolve();
      waiting.add(look);
      look();
      child.once('close', (code) => reject(new Error(`${name} ended with ${code} and had printed: ${out}`)));
    });
  return { child, prints };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await ended;
}

/** The four examples, each in a process of its own, with each other and with a client of the test. */
async function runExamples(daemon: Daemon): Promise<void> {
  await daemon.start();
  const client = new UbusClient({ socket: daemon.socket });
  const children: ChildProcess[] = [];
  try {
    await client.connect();
    const board = { args: {}, handler: () => ({ hostname: 'a-router' }) };
    await client.publish({ path: 'system', methods: { board } });
    const call = run('call', daemon.socket);
    children.push(call.child);
    await call.prints(/a-router\n/);

    const started = once<unknown>();
    await client.listen('example.*', (event) => started.take(event));
    const listen = run('listen', daemon.socket);
    const subscribe = run('subscribe', daemon.socket);
    children.push(listen.child, subscribe.child);
    assert.is(await started.value, 'example.started');

    const publish = run('publish', daemon.socket);
    children.push(publish.child);
    await listen.prints(/ubus\.object\.add greeter\n/);
    assert.equal((await client.list('greeter'))[0]?.methods, { hello: { name: 'string' } });
    let isGreeted = false;
    // Node.js and Bun print the same value with other quotes, in one line or more.
    const greeted = subscribe.prints(/greeted \{\s+name: (['"])Ann\1,?\s+\}\n/).then(() => {
      isGreeted = true;
    });
    // Nobody but ubusd knows when the other process has subscribed.
    while (!isGreeted) {
      assert.equal(await client.call('greeter', 'hello', { name: 'Ann' }), { text: 'Hello Ann' });
    }
    await greeted;
    const refused = await client.call('greeter', 'hello').catch((cause) => cause.code);
    assert.is(refused, 'invalid_argument');
    const list = run('list', daemon.socket);
    children.push(list.child);
    await list.prints(/\[\s*(['"])greeter\1,\s+\1system\1,?\s*\]\n/);
  } finally {
    for (const child of children) await end(child);
    await client.close();
    await daemon.stop();
  }
}

test('lists and calls objects, and its examples run, on the simulated bus', async () => {
  let broker: UbusBroker | undefined;
  const socket = join(dir, 'simulated.sock');
  const start = async () => {
    broker = new UbusBroker(socket);
    await broker.start();
  };
  await runExamples({ socket, start, stop: async () => broker?.stop() });
});

test('lists and calls objects, and its examples run, on a real ubusd', async () => {
  if (ubusd) await runExamples(realUbusd(ubusd, join(dir, 'real.sock')));
  else skipped('the installed package on a real ubusd');
});

test('the examples are about ten lines each', () => {
  const lengths = ['call', 'publish', 'subscribe', 'listen'].map(
    (name) => examples[name]!.split('\n').length - 1,
  );
  assert.ok(
    lengths.every((length) => length <= 13),
    lengths.join(),
  );
});

test.run();
