// A reload of a running daemon.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { mac } from '../engine/world.js';
import { type DaemonProcess, startProcess } from '../rig/daemon.js';

const plan = "config plan 'data'\n\toption metric 'bytes'\n\toption step '1 MB'\n\tlist price '0.05 USD'\n";
const cash = "config method 'cash'\n\tlist currency 'USD 2'\n";

interface Context {
  dir: string;
  portal: SimulatedPortal;
  daemon: DaemonProcess;
}

const test = suite<Context>('reload');

test.before(async (c) => {
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const path = join(c.dir, 'ndsctl.sock');
  c.portal = new SimulatedPortal(opennds, path);
  await c.portal.start();
  c.portal.join(mac(1), '10.0.0.1');
  c.daemon = await startProcess(
    `config gateway 'lan'\n\toption type 'opennds'\n\toption socket '${path}'\n${plan}${cash}`,
  );
});

test.after(async (c) => {
  await c.daemon?.close();
  await c.portal.stop();
  rmSync(c.dir, { recursive: true });
});

test('reload applies what is right, keeps what was when it is wrong, and loses no session', async ({
  daemon,
}) => {
  const file = join(daemon.dir, 'turnpike');
  const good = readFileSync(file, 'utf8');
  const order = {
    mac: mac(1),
    plan: 'data',
    payment: { method: 'cash', reference: 'x' },
    idempotency_key: 'k',
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
  const more = "config plan 'more'\n\toption metric 'time'\n\toption step '1h'\n";
  writeFileSync(file, `${good.replace("option step '1 MB'", "option step '2 MB'")}${more}`);
  assert.is((await daemon.call('reload')).applied, true);
  const now = (await daemon.call('plans')) as { plans: { id: string; step: number }[] };
  assert.equal(
    now.plans.map((p) => [p.id, p.step]),
    [
      ['data', 2_000_000],
      ['more', 3600],
    ],
  );
  const kept = await daemon.call('session', { id: sold.id! });
  assert.equal(kept.granted, { bytes: 1_000_000 }, 'what was bought stays as it was');
  assert.is(kept.state, 'active');
});

test.run();
