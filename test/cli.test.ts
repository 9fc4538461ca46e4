import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../packages/simulators/portal.js';
import { opennds } from '../src/portals/opennds/dialect.js';
import { type DaemonProcess, startProcess } from './daemon.js';

const mac = '02:00:00:00:00:01';
const plan = "config plan 'data'\n\toption metric 'bytes'\n\toption step '1 MB'\n\tlist price '0.05 USD'\n";
const cash = "config method 'cash'\n\tlist currency 'USD 2'\n";

interface Context {
  dir: string;
  portal: SimulatedPortal;
  daemon: DaemonProcess;
}

const test = suite<Context>('cli');

function turnpike(...args: string[]) {
  const bundle = join(process.cwd(), 'dist', 'turnpike.mjs');
  return spawnSync(process.execPath, [bundle, ...args], { encoding: 'utf8', timeout: 20_000 });
}

test.before(async (c) => {
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const path = join(c.dir, 'ndsctl.sock');
  c.portal = new SimulatedPortal(opennds, path);
  await c.portal.start();
  c.portal.join(mac as never, '10.0.0.1');
  c.daemon = await startProcess(
    `config gateway 'lan'\n\toption type 'opennds'\n\toption socket '${path}'\n${plan}${cash}`,
  );
});

test.after(async (c) => {
  await c.daemon?.close();
  await c.portal.stop();
  rmSync(c.dir, { recursive: true });
});

test('check says everything that is wrong, with lines, and exits 1', ({ dir }) => {
  const file = join(dir, 'wrong');
  writeFileSync(
    file,
    "config gateway 'lan'\n\toption type 'opnnds'\nconfig plan 'p'\n\toption metric 'bytes'\n",
  );
  const { status, stdout } = turnpike('check', '--config', file);
  assert.is(status, 1);
  assert.match(
    stdout,
    `${file}:2: gateway 'lan': type: must be one of opennds, nodogsplash (did you mean 'opennds'?)`,
  );
  assert.match(stdout, `${file}:3: plan 'p': step is missing (missing)`);
  assert.is(turnpike('check', '--config', 'files/etc/config/turnpike').status, 0);
});

test('a daemon with a faulty configuration says why and exits 1', ({ dir }) => {
  const file = join(dir, 'empty');
  writeFileSync(file, '');
  const { status, stderr } = turnpike('run', '--config', file);
  assert.is(status, 1);
  assert.match(stderr, 'there is no gateway that is enabled');
});

test('a command that is not known, and arguments that are none, exit 2 with the usage', () => {
  assert.is(turnpike('sell').status, 2);
  assert.is(turnpike('--nosuch').status, 2);
  assert.is(turnpike().status, 2);
  assert.is(turnpike('demo', '--clients', 'many').status, 2);
});

test('call, sessions, grant and close work as their ubus methods do', async ({ daemon }) => {
  const { socket } = daemon;
  // The calls block this process, which the broker runs in: so they are made by clients of their own process.
  const run = (...args: string[]) =>
    new Promise<{ status: number | null; out: string }>((resolve) => {
      import('node:child_process').then(({ spawn }) => {
        const child = spawn(process.execPath, [
          join(process.cwd(), 'dist', 'turnpike.mjs'),
          ...args,
          '--socket',
          socket,
        ]);
        let out = '';
        child.stdout.on('data', (d) => {
          out += d;
        });
        child.on('exit', (status) => resolve({ status, out }));
      });
    });
  const order = { mac, plan: 'data', payment: { method: 'cash', reference: 'x' }, idempotency_key: 'k' };
  const sold = JSON.parse((await run('call', 'purchase', JSON.stringify(order))).out);
  assert.is(sold.state, 'active');
  const granted = JSON.parse((await run('grant', mac, '500000', 'for', 'waiting')).out);
  assert.is(granted.granted.bytes, 1_500_000);
  assert.is(JSON.parse((await run('sessions')).out).sessions.length, 1);
  const bad = await run('call', 'purchase', '{"mac":"zz"}');
  assert.is(bad.status, 1);
  assert.is(JSON.parse(bad.out).error.code, 'bad_argument');
  assert.is((await run('call', 'nosuch')).status, 3, 'the number of the ubus status');
  assert.is(JSON.parse((await run('close', mac)).out).state, 'terminated');
});

test('reload applies what is right, keeps what was when it is wrong, and loses no session', async ({
  daemon,
  dir,
  portal,
}) => {
  const file = join(daemon.dir, 'turnpike');
  const { readFileSync } = await import('node:fs');
  const good = readFileSync(file, 'utf8');
  const second = '02:00:00:00:00:02';
  portal.join(second as never, '10.0.0.2');
  await daemon.call('status');
  const order = {
    mac: second,
    plan: 'data',
    payment: { method: 'cash', reference: 'x' },
    idempotency_key: 'k2',
    gateway: 'lan',
  };
  const sold = await daemon.call('purchase', order);
  writeFileSync(file, good.replace("option step '1 MB'", "option step '1 parsec'"));
  const refused = (await daemon.call('reload')) as {
    applied: boolean;
    faults: { line: number; code: string }[];
  };
  assert.is(refused.applied, false);
  assert.is(refused.faults[0]?.code, 'bad_value');
  const plans = (await daemon.call('plans')) as { plans: { id: string; step: number }[] };
  assert.is(plans.plans[0]?.step, 1_000_000);
  writeFileSync(
    file,
    `${good.replace("option step '1 MB'", "option step '2 MB'")}config plan 'more'\n\toption metric 'time'\n\toption step '1h'\n`,
  );
  assert.is((await daemon.call('reload')).applied, true);
  const now = (await daemon.call('plans')) as { plans: { id: string; step: number }[] };
  assert.equal(
    now.plans.map((p) => [p.id, p.step]),
    [
      ['data', 2_000_000],
      ['more', 3600],
    ],
  );
  const kept = await daemon.call('session', { id: sold.id });
  assert.equal(kept.granted, { bytes: 1_000_000 }, 'what was bought stays as it was');
  assert.ok(['active', 'pending'].includes(String(kept.state)));
  assert.ok(dir);
});

test.run();
