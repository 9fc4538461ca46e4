import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isDone, type Session } from '../../src/domain/session.js';
import { bytes, millis } from '../../src/domain/units.js';
import { remainingOf, usedOf } from '../../src/domain/usage.js';
import { settled } from '../rig/clock.js';
import fc from '../rig/properties.js';
import { TestPortal } from './portal.js';
import { mac, type World, world } from './world.js';

type Step =
  | { readonly do: 'buy' | 'grant'; readonly mac: number; readonly steps: number }
  | { readonly do: 'carry'; readonly mac: number; readonly up: number; readonly down: number }
  | { readonly do: 'close' | 'leave' | 'join'; readonly mac: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'restart' | 'crash' | 'down' | 'up' | 'flush' | 'stick' | 'unstick' };

const who = fc.integer({ min: 1, max: 3 });
const steps: fc.Arbitrary<Step>[] = [
  fc.record({ do: fc.constantFrom('buy', 'grant'), mac: who, steps: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('carry'), mac: who, up: fc.nat(1500), down: fc.nat(3000) }),
  fc.record({ do: fc.constantFrom('close', 'leave', 'join'), mac: who }),
  fc.record({ do: fc.constant('pass'), ms: fc.nat(5000) }),
  fc.record({ do: fc.constantFrom('restart', 'crash', 'down', 'up', 'flush', 'stick', 'unstick') }),
];

const scripts = fc.array(fc.oneof(...steps), { minLength: 10, maxLength: 60, size: 'max' });

/** What was bought and granted, by session id. */
type Bought = Map<string, number>;

async function act(w: World, step: Step, bought: Bought): Promise<void> {
  const { portal, clock } = w;
  switch (step.do) {
    case 'buy': {
      const sale = w.buy(mac(step.mac), { steps: step.steps });
      await clock.pass(3001);
      const result = await sale;
      if (result.ok) add(bought, result.value.id, step.steps * 1000);
      return;
    }
    case 'grant': {
      const order = {
        mac: mac(step.mac),
        bytes: bytes(step.steps * 7),
        reason: 'test',
        key: `g${clock.now}`,
      };
      const grant = w.commands.grant(order);
      await clock.pass(3001);
      const result = await grant;
      if (result.ok) add(bought, result.value.id, step.steps * 7);
      return;
    }
    case 'carry':
      return portal.carry(mac(step.mac), step.up, step.down);
    case 'close': {
      const [live] = w.engine.accounts.book.runningOfMac(mac(step.mac));
      const closed = live && w.commands.close(live.id, 'admin');
      await clock.pass(3001);
      await closed;
      return;
    }
    // Usage that is in no counter any more must be in the journal, or a crash right after loses it.
    case 'leave':
      await w.engine.accounts.flush();
      return portal.leave(mac(step.mac));
    case 'join':
      await w.engine.accounts.flush();
      return portal.join(mac(step.mac));
    case 'restart':
      await w.engine.accounts.flush();
      return portal.restart();
    case 'crash':
      return w.crash();
    case 'down':
      portal.fault = 'refused';
      return;
    case 'up':
      portal.fault = undefined;
      return;
    case 'stick':
      portal.failGates = true;
      return;
    case 'unstick':
      portal.failGates = false;
      return;
    case 'flush':
      await w.engine.accounts.flush();
      return;
    case 'pass':
      return clock.pass(step.ms);
  }
}

function add(bought: Bought, id: string, n: number): void {
  bought.set(id, (bought.get(id) ?? 0) + n);
}

function checkSession(session: Session, bought: Bought): void {
  const granted = session.granted.bytes!;
  assert.is(granted, bought.get(session.id), 'granted = bought');
  const left = remainingOf(session.granted, session.usage, 'bytes')!;
  assert.is(Math.min(granted, usedOf(session.usage, 'bytes')) + left, granted, 'used + remaining = granted');
}

function usedBy(w: World, n: number): number {
  let sum = 0;
  for (const s of w.engine.accounts.book.all()) if (s.mac === mac(n)) sum += usedOf(s.usage, 'bytes');
  return sum;
}

for (const forgets of [false, true]) {
  const like = forgets ? 'openNDS' : 'nodogsplash';
  test(`whatever happens: granted = bought, and what passed was billed once (${like})`, async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const w = await world([new TestPortal('lan', forgets)], { lostAfter: millis(0) });
        const bought: Bought = new Map();
        w.portal.chatter = true;
        for (const n of [1, 2, 3]) w.portal.join(mac(n));
        await w.clock.pass(1001);
        for (const step of script) {
          await act(w, step, bought);
          await settled();
          for (const session of w.engine.accounts.book.all()) checkSession(session, bought);
        }
        w.portal.failGates = false;
        w.portal.fault = undefined;
        await w.clock.pass(80_000);
        for (const n of [1, 2, 3]) {
          assert.is(usedBy(w, n), w.portal.served.get(mac(n)) ?? 0, `billed = served for client ${n}`);
        }
        for (const [id, client] of w.portal.clients) {
          const owner = w.engine.accounts.book.runningOfMac(id).some((s) => s.state === 'active');
          assert.is(client.open, owner, 'a gate is open exactly for a live session');
        }
        for (const s of w.engine.accounts.book.all()) {
          if (!isDone(s))
            assert.not.equal(remainingOf(s.granted, s.usage, 'bytes'), 0, 'used up means ended');
        }
      }),
      { numRuns: 150 },
    );
  });
}

test('a replay of the journal gives the same books as the run', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const w = await world();
      for (const n of [1, 2, 3]) w.portal.join(mac(n));
      await w.clock.pass(1001);
      // After a crash nobody is let through until the portal says so: that is not written down.
      for (const step of script) if (step.do !== 'crash') await act(w, step, new Map());
      await w.engine.accounts.flush();
      const { book } = w.engine.accounts;
      assert.equal(w.journal.replay().toPlain(0), book.toPlain(0));
    }),
    { numRuns: 60 },
  );
});

test.run();
