// The commands that ask a running daemon do as the methods of its ubus object do.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import { parseMac } from '../../src/domain/mac.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { turnpike } from './turnpike.js';

const mac = parseMac('02:00:00:00:00:01')!;

interface Context {
  dir: string;
  portal: SimulatedPortal;
  daemon: DaemonProcess;
}

const test = suite<Context>('the daemon from a shell');

test.before(async (c) => {
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const path = join(c.dir, 'ndsctl.sock');
  c.portal = new SimulatedPortal(opennds, path);
  await c.portal.start();
  c.portal.join(mac, '10.0.0.1');
  c.daemon = await startProcess(shop(path));
});

test.after(async (c) => {
  await c.daemon?.close();
  await c.portal.stop();
  rmSync(c.dir, { recursive: true });
});

function ask(daemon: DaemonProcess, ...args: string[]) {
  return turnpike(...args, '--socket', daemon.socket);
}

test('a call prints the answer, and the exit code tells an error in it', async ({ daemon }) => {
  const order = { mac, plan: 'data', payment: { method: 'cash', reference: 'x' }, idempotency_key: 'k' };
  const sold = await ask(daemon, 'call', 'purchase', JSON.stringify(order));
  assert.equal([sold.status, sold.err, JSON.parse(sold.out).state], [0, '', 'active']);
  const refused = await ask(daemon, 'call', 'purchase', '{"mac":"zz"}');
  assert.equal([refused.status, refused.err, JSON.parse(refused.out).error.code], [1, '', 'bad_argument']);
});

test('a method that is not there is named, with the one that may be meant', async ({ daemon }) => {
  const said = 'turnpike call: the daemon has no method sesions; did you mean sessions?\n';
  assert.equal(await ask(daemon, 'call', 'sesions'), { status: 1, out: '', err: said });
});

test('data and time are given away, in the units of the configuration', async ({ daemon }) => {
  const before = await daemon.call('session', { mac });
  const { status, out, err } = await ask(daemon, 'grant', mac.toUpperCase(), '1.5MB', 'for', 'waiting');
  assert.equal([status, err], [0, '']);
  const granted = (before.granted as { bytes: number }).bytes + 1_500_000;
  assert.is(JSON.parse(out).granted.bytes, granted);
  const other = '02:00:00:00:00:02';
  const timed = await ask(daemon, 'grant', other, '30min', 'birthday');
  assert.is(JSON.parse(timed.out).granted.seconds, 1800, timed.err);
});

test('a session ends by the address of its device, or by its id', async ({ daemon }) => {
  const byMac = await ask(daemon, 'close', mac);
  assert.equal([byMac.status, JSON.parse(byMac.out).state], [0, 'terminated']);
  const { id } = await daemon.call('session', { mac: '02:00:00:00:00:02' });
  const byId = await ask(daemon, 'close', String(id));
  assert.equal([byId.status, JSON.parse(byId.out).id], [0, id]);
});

test('what the daemon refuses is one line on standard error', async ({ daemon }) => {
  const { status, out, err } = await ask(daemon, 'close', 'nosuchsession');
  assert.equal([status, out], [1, '']);
  assert.is(err, 'turnpike close: there is no such session (unknown_session)\n');
  assert.match(
    (await ask(daemon, 'sessions', '--state', 'alive')).err,
    'state must be one of pending, active',
  );
});

test.run();
