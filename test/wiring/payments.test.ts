// What the ways to pay do when one of them cannot be built, or does not end.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DepositRounds } from '../../src/engine/deposits/rounds.js';
import type { PaymentMember, PaymentParts, Payments } from '../../src/ports/payment-method.js';
import { PaymentSources } from '../../src/wiring/payments.js';

/** A way to pay that cannot be built, or does not end, when the test says so. */
function scene() {
  const said: string[] = [];
  const self = { said, canStart: true, canEnd: true };
  const build = async (config: object): Promise<Payments> => {
    said.push(`build ${JSON.stringify(config)}`);
    if (!self.canStart) throw new Error('no such key');
    return {
      methods: [],
      schemes: [],
      standing: { state: 'up', backlog: 0, error: '' },
      async stop() {
        said.push('stop');
        if (!self.canEnd) throw new Error('cannot end');
      },
    };
  };
  const log = (level: string, text: string) => said.push(`${level} ${text}`);
  const parts = { log } as unknown as PaymentParts;
  const sources = new PaymentSources(
    { escrow: { build } as unknown as PaymentMember<object> },
    parts,
    {} as DepositRounds,
    () => {},
  );
  return Object.assign(self, { sources });
}

const states = ({ sources }: ReturnType<typeof scene>) =>
  sources.standings.map(({ name, state, error }) => [name, state, error]);

test('a way to pay that could not be built is tried again by a reload that changes nothing', async () => {
  const s = scene();
  s.canStart = false;
  await s.sources.apply({ escrow: {} });
  assert.equal(states(s), [['escrow', 'down', 'cannot be set up: no such key']]);
  s.canStart = true;
  await s.sources.apply({ escrow: {} });
  assert.equal(states(s), [['escrow', 'up', '']]);
  await s.sources.apply({ escrow: {} });
  assert.equal(s.said, ['build {}', 'error escrow: cannot be set up: no such key', 'build {}']);
});

test('one that does not end is in the log, and the new one is built', async () => {
  const s = scene();
  await s.sources.apply({ escrow: {} });
  s.canEnd = false;
  await s.sources.apply({ escrow: { of: 'another' } });
  assert.equal(states(s), [['escrow', 'up', '']]);
  assert.equal(s.said.slice(1), ['stop', 'error escrow: cannot end', 'build {"of":"another"}']);
});

test.run();
