// Who is let in after the portal was started anew, before anybody has looked at it, was let in by us and by no file.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../../packages/simulators/portal.js';
import type { Reading } from '../../../src/domain/reading.js';
import { MeterPool } from '../../../src/portals/metering/pool.js';
import type { NdsctlKind } from '../../../src/portals/ndsctl/kind.js';
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

interface Scene {
  readonly portal: Busy;
  readonly gateway: NdsctlPortal;
}

/** Has a portal of this kind, and turnpike's view of it, for as long as `act` takes. */
async function at(kind: NdsctlKind, act: (scene: Scene) => Promise<void>): Promise<void> {
  const { dialect } = kind;
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const path = join(dir, 'ndsctl.sock');
  const target = { transport: 'socket', path } as const;
  const portal = new Busy(dialect, path);
  await portal.start();
  const gateway = new NdsctlPortal({ name: 'lan', target, kind, meter: pool.meter({ target, dialect }) });
  try {
    await act({ portal, gateway });
  } finally {
    await gateway.stop();
    await portal.stop();
    rmSync(dir, { recursive: true });
  }
}

/** One open gate of ours, through which `downloads` of {@link Busy} have passed. */
function assertOurs(readings: readonly Reading[], kind: NdsctlKind, downloads: number): void {
  assert.equal(
    readings.map(({ open, restored, down }) => ({ open, restored, down })),
    [{ open: true, restored: false, down: downloads * 5 * kind.dialect.bytesPerUnit }],
  );
}

for (const kind of [openndsKind, nodogsplashKind]) {
  const { name } = kind.dialect;
  for (const isKnown of [true, false]) {
    const who = isKnown ? 'who was a customer before' : 'who is new';
    test(`${name}: a customer ${who} keeps the gate that they bought, and pays for what passed`, () =>
      at(kind, async ({ portal, gateway }) => {
        if (isKnown) portal.join(one, ip);
        assert.ok((await gateway.poll()).ok);
        portal.leave(one);
        await portal.restart();
        portal.join(one, ip);
        const opened = await gateway.open(one, {}, [], true);
        assert.ok(opened.ok, JSON.stringify(opened));
        assertOurs(opened.after, kind, 1);
      }));
  }
  for (const looks of [true, false]) {
    const who = looks ? 'a look' : 'the next try';
    test(`${name}: what passed is billed where ${who} is the first to see a gate of ours open`, () =>
      at(kind, async ({ portal, gateway }) => {
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
        assertOurs('readings' in seen ? seen.readings : seen.before, kind, looks ? 1 : 2);
      }));
  }
}

test('openNDS: whom it lets in by itself after a restart pays for what passed', () =>
  at(openndsKind, async ({ portal, gateway }) => {
    portal.join(one, ip);
    assert.ok((await gateway.poll()).ok);
    await portal.restart();
    portal.answer(openndsKind.auth(one, {}));
    const seen = await gateway.poll();
    assert.ok(seen.ok);
    const [{ down, restored } = {}] = seen.readings;
    assert.equal({ down, restored }, { down: 5 * 1024, restored: true });
  }));

for (const [kind, downloads] of [
  [openndsKind, 1],
  [nodogsplashKind, 0],
] as const) {
  const what = downloads === 0 ? 'may be out of a file, and is not billed' : 'is billed';
  test(`${kind.dialect.name}: what passed since a portal was started anew that no run has told of ${what}`, () =>
    at(kind, async ({ portal, gateway }) => {
      gateway.restore([], Date.now() - 60_000);
      portal.join(one, ip);
      portal.answer(kind.auth(one, {}));
      const seen = await gateway.poll();
      assert.ok(seen.ok);
      assert.is(seen.readings[0]?.down, downloads * 5 * kind.dialect.bytesPerUnit);
    }));
}

test.after(() => pool.close());

test.run();
