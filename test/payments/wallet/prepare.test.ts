// What a wallet's schemes learn from the node before they take money.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildWallet } from '../../../src/payments/wallet/build.js';
import type { PaymentParts, Payments } from '../../../src/ports/payment-method.js';
import { TestClock } from '../../rig/clock.js';
import { exactOn } from './exact-config.js';
import { domain, SilentToken } from './silent-token.js';

const wares = { units: 10n, unitPrice: 1n, description: '' };

function walletOn(node: SilentToken): Promise<Payments> {
  const parts = { clock: new TestClock(), log: () => {}, deposits: () => [], changed: () => {} };
  return buildWallet(exactOn(node.url), parts as unknown as PaymentParts);
}

test('a token that does not say its name and version is paid with when the owner has said them', async () => {
  const node = await SilentToken.start();
  const wallet = await walletOn(node);
  try {
    assert.equal(await wallet.test!(), { ok: true, value: 'chain, escrow and token are as configured' });
    const asked = wallet.schemes[0]!.requirements(wares) as { readonly extra: Record<string, unknown> };
    assert.equal([asked.extra.name, asked.extra.version], [domain.name, domain.version]);
  } finally {
    await wallet.stop(false);
    await node.stop();
  }
});

test('an owner who tests the wallet while it starts gets the schemes that sell, which know what they have sent', async () => {
  const node = await SilentToken.start();
  let release = () => {};
  node.hold = new Promise((resolve) => {
    release = resolve;
  });
  const wallet = await walletOn(node);
  try {
    const tests = [wallet.test!(), wallet.test!()];
    release();
    assert.equal(
      (await Promise.all(tests)).map(({ ok }) => ok),
      [true, true],
    );
    const [scheme] = wallet.schemes;
    assert.ok(scheme);
    assert.ok((await wallet.test!()).ok);
    assert.is(wallet.schemes[0], scheme);
    assert.is(node.asked, 1, 'schemes were made for each that asked');
  } finally {
    await wallet.stop(false);
    await node.stop();
  }
});

test.run();
