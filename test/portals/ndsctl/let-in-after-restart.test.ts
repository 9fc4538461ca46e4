// Who is let in after the portal was started anew, before anybody has looked at it, was let in by us and by no file.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../../packages/simulators/portal.js';
import { MeterPool } from '../../../src/portals/metering/pool.js';
import { NdsctlPortal } from '../../../src/portals/ndsctl/portal.js';
import { nodogsplashKind } from '../../../src/portals/nodogsplash/kind.js';
import { openndsKind } from '../../../src/portals/opennds/kind.js';
import { mac } from '../../engine/world.js';

const pool = new MeterPool({ worker: new URL('../../../workers/poll.js', import.meta.url), threads: 1 });
const one = mac(1);
const ip = '10.0.0.1';

/** A download that was cut off goes on the moment that its gate opens. */
class Busy extends SimulatedPortal {
  override answer(command: string): ReturnType<SimulatedPortal['answer']> {
    const reply = super.answer(command);
    if (command.startsWith('auth')) this.carry(one, 0, 5 * this.dialect.bytesPerUnit);
    return reply;
  }
}

for (const kind of [openndsKind, nodogsplashKind]) {
  const { dialect } = kind;
  for (const isKnown of [true, false]) {
    const who = isKnown ? 'who was a customer before' : 'who is new';
    test(`${dialect.name}: a customer ${who} keeps the gate that they bought, and pays for what passed`, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
      const path = join(dir, 'ndsctl.sock');
      const target = { transport: 'socket', path } as const;
      const portal = new Busy(dialect, path);
      await portal.start();
      const gateway = new NdsctlPortal({ name: 'lan', target, kind, meter: pool.meter({ target, dialect }) });
      if (isKnown) portal.join(one, ip);
      assert.ok((await gateway.poll()).ok);
      portal.leave(one);
      await portal.restart();
      portal.join(one, ip);
      const opened = await gateway.open(one, {}, [], true);
      assert.ok(opened.ok, JSON.stringify(opened));
      const readings = opened.ok ? opened.after : [];
      assert.equal(
        readings.map(({ open, restored, down }) => ({ open, restored, down })),
        [{ open: true, restored: false, down: 5 * dialect.bytesPerUnit }],
      );
      await gateway.stop();
      await portal.stop();
      rmSync(dir, { recursive: true });
    });
  }
}

for (const kind of [openndsKind, nodogsplashKind]) {
  const { dialect } = kind;
  for (const looks of [true, false]) {
    const who = looks ? 'a look' : 'the next try';
    test(`${dialect.name}: what passed is billed where ${who} is the first to see a gate of ours open`, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
      const path = join(dir, 'ndsctl.sock');
      const target = { transport: 'socket', path } as const;
      const portal = new Busy(dialect, path);
      await portal.start();
      const gateway = new NdsctlPortal({ name: 'lan', target, kind, meter: pool.meter({ target, dialect }) });
      assert.ok((await gateway.poll()).ok);
      await portal.restart();
      assert.ok((await gateway.poll()).ok);
      portal.join(one, ip);
      // The portal lets them in, and nobody hears it.
      portal.faults.empty = true;
      assert.not((await gateway.open(one, {}, [], true)).ok);
      portal.faults.empty = false;
      const seen = looks ? await gateway.poll() : await gateway.open(one, {}, [], true);
      assert.ok(seen.ok, JSON.stringify(seen));
      const readings = 'readings' in seen ? seen.readings : seen.before;
      assert.equal(
        readings.map(({ open, restored, down }) => ({ open, restored, down })),
        [{ open: true, restored: false, down: (looks ? 5 : 10) * dialect.bytesPerUnit }],
      );
      await gateway.stop();
      await portal.stop();
      rmSync(dir, { recursive: true });
    });
  }
}

test.after(() => pool.close());

test.run();
