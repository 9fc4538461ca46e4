// Signatures are read in WebAssembly, and the same in JavaScript where there is none.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { privateKeyToAccount, sign } from 'viem/accounts';
import { loadRecover, plainRecover, type Recover } from '../../../src/payments/wallet/recovery.js';
import { isSignedBy } from '../../../src/payments/wallet/signature.js';
import type { Hex } from '../../../src/payments/wallet/typed-data.js';
import fc from '../../rig/properties.js';

const word = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`);
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const hex = (n: bigint) => n.toString(16).padStart(64, '0');

/** What comes of it, whoever says it. */
async function of(recover: Recover, digest: Hex, signature: Hex): Promise<string> {
  try {
    return (await recover(digest, signature)).toLowerCase();
  } catch {
    return 'no key signs so';
  }
}

test('WebAssembly and JavaScript read every signature the same, good, bent and made up', async () => {
  const recover = await loadRecover();
  assert.is.not(recover, plainRecover, 'there is WebAssembly here');
  const places = fc.tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(word, word, places, async (key, digest, [place, value]) => {
      fc.pre(BigInt(key) > 0n && BigInt(key) < order);
      const good = await sign({ hash: digest, privateKey: key, to: 'hex' });
      assert.is(await of(recover, digest, good), privateKeyToAccount(key).address.toLowerCase());
      const bytes = Buffer.from(good.slice(2), 'hex');
      bytes[place] = value;
      const bent: Hex = `0x${bytes.toString('hex')}`;
      assert.is(await of(recover, digest, bent), await of(plainRecover, digest, bent), bent);
      const other: Hex = `0x${good.slice(2, 130)}${good.endsWith('1b') ? '1c' : '1b'}`;
      assert.is(await of(recover, digest, other), await of(plainRecover, digest, other), other);
    }),
    { numRuns: 60 },
  );
  const digest: Hex = `0x${'12'.repeat(32)}`;
  for (const r of [0n, 1n, order - 1n, order, 2n ** 256n - 1n])
    for (const s of [0n, 1n, order - 1n, order, 2n ** 256n - 1n])
      for (const v of ['1b', '1c']) {
        const made: Hex = `0x${hex(r)}${hex(s)}${v}`;
        assert.is(await of(recover, digest, made), await of(plainRecover, digest, made), made);
      }
});

test('where there is no WebAssembly, or no file of it, signatures are read all the same', async () => {
  assert.is(await loadRecover(new URL('file:///nowhere/secp256k1.mjs')), plainRecover);
  const { WebAssembly: there } = globalThis as { WebAssembly?: unknown };
  try {
    delete (globalThis as { WebAssembly?: unknown }).WebAssembly;
    assert.is(await loadRecover(), plainRecover);
  } finally {
    Object.assign(globalThis, { WebAssembly: there });
  }
});

test('a signature is good in one form only, the one that contracts take', async () => {
  const account = privateKeyToAccount(`0x${'42'.repeat(32)}`);
  const digest: Hex = `0x${'12'.repeat(32)}`;
  const good = await account.sign({ hash: digest });
  const [r, s, v] = [good.slice(2, 66), BigInt(`0x${good.slice(66, 130)}`), good.slice(130)];
  const is = (signature: string) => isSignedBy(account.address, digest, signature as Hex);
  assert.ok(await is(good));
  assert.ok(await is(good.toUpperCase().replace('0X', '0x')));
  assert.not(await is(`0x${r}${hex(order - s)}${v === '1b' ? '1c' : '1b'}`), 'the high s of the same');
  assert.not(await is(`0x${r}${hex(s)}${v === '1b' ? '00' : '01'}`));
  const compact = (s + (v === '1c' ? 1n << 255n : 0n)).toString(16).padStart(64, '0');
  assert.not(await is(`0x${r}${compact}`), 'EIP-2098');
  assert.not(await isSignedBy(account.address, `0x${'13'.repeat(32)}`, good));
});

test.run();
