// A client whom the ledger had to forget, and who is listed again with the counters of before.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PollOutcome } from '../../src/domain/reading.js';
import { TestPortal } from './portal.js';
import { mac, world } from './world.js';

class ForgetfulPortal extends TestPortal {
  /** The rows are lost: at the next look all that the counters show looks new. */
  hasForgotten = false;

  override async poll(): Promise<PollOutcome> {
    const outcome = await super.poll();
    if (!this.hasForgotten || !outcome.ok) return outcome;
    this.hasForgotten = false;
    const readings = outcome.readings.map((r) => ({
      ...r,
      ...{ up: r.baseline.up, down: r.baseline.down, fresh: true },
    }));
    return { ...outcome, readings };
  }
}

test('a customer who comes back after their row was taken out pays for nothing twice', async () => {
  const portal = new ForgetfulPortal('lan');
  const w = await world([portal]);
  portal.join(mac(1));
  await w.clock.pass(1000);
  const buying = w.buy(mac(1), { steps: 100 });
  await w.clock.pass(1);
  const sold = await buying;
  const usage = () => w.engine.accounts.book.get(sold.ok ? sold.value.id : '')?.usage;
  portal.carry(mac(1), 1000, 20_000);
  await w.clock.pass(1000);
  portal.hasForgotten = true;
  portal.carry(mac(1), 500, 3000);
  await w.clock.pass(1000);
  assert.is(usage()?.up, 1500);
  assert.is(usage()?.down, 23_000);
});

test.run();
