// The digests that are made by hand are those of EIP-712; the artifacts are those of the sources.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hashTypedData } from 'viem/utils';
import {
  authorizationDigest,
  chargeDigest,
  closeDigest,
  consumeDigest,
  domainSeparator,
  escrowTypes,
  type Hex,
  requestCloseDigest,
  termsHash,
} from '../../../src/payments/wallet/typed-data.js';
import fc from '../../rig/properties.js';

const hex = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((b) => `0x${Buffer.from(b).toString('hex')}` as Hex);
const [word, address] = [hex(32), hex(20)];
const uint = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const domain = fc.record({
  // viem leaves an empty name out of the domain.
  name: fc.string({ minLength: 1 }),
  version: fc.string({ minLength: 1 }),
  chainId: fc.bigInt({ min: 1n, max: 2n ** 53n - 1n }),
  verifyingContract: address,
});

test('digests equal those of viem, for any message in any domain', () => {
  const consume = fc.record({ sessionId: word, units: uint, unitsUsedBefore: uint, nonce: word });
  const close = fc.record({ sessionId: word, consumedAmount: uint });
  const receive = fc.record({
    from: address,
    to: address,
    value: uint,
    validAfter: uint,
    validBefore: uint,
    nonce: word,
  });
  fc.assert(
    fc.property(domain, consume, close, receive, (d, consumeMessage, closeMessage, receiveMessage) => {
      const separator = domainSeparator(d);
      const viem = (primaryType: keyof typeof escrowTypes, message: object) =>
        hashTypedData({ domain: d, types: escrowTypes, primaryType, message } as never);
      assert.is(consumeDigest(separator, consumeMessage), viem('ConsumeUnits', consumeMessage));
      assert.is(closeDigest(separator, closeMessage), viem('CloseSession', closeMessage));
      assert.is(chargeDigest(separator, closeMessage), viem('ChargeUnits', closeMessage));
      assert.is(
        authorizationDigest(separator, receiveMessage),
        viem('ReceiveWithAuthorization', receiveMessage),
      );
      const { sessionId } = consumeMessage;
      assert.is(requestCloseDigest(separator, sessionId), viem('RequestClose', { sessionId }));
    }),
    { numRuns: 50 },
  );
});

test('other terms are another hash, whatever differs', () => {
  const terms = {
    seller: `0x${'11'.repeat(20)}`,
    token: `0x${'22'.repeat(20)}`,
    totalDeposit: 1n,
    pricePerUnit: 1n,
    duration: 1n,
    salt: `0x${'00'.repeat(32)}`,
  } as const;
  const others = [
    { ...terms, seller: terms.token },
    { ...terms, token: terms.seller },
    { ...terms, totalDeposit: 2n },
    { ...terms, pricePerUnit: 2n },
    { ...terms, duration: 2n },
    { ...terms, salt: `0x${'01'.repeat(32)}` as const },
  ];
  assert.is(new Set([terms, ...others].map(termsHash)).size, 7);
});

test('the artifacts and the ABI are what the sources compile to', async () => {
  const { compile } = (await import(`${process.cwd()}/contracts/compile.mjs`)) as {
    compile(): { files: Record<string, string>; abi: string };
  };
  const { files, abi } = compile();
  assert.equal(readdirSync('contracts/artifacts').sort(), Object.keys(files).sort());
  for (const [name, text] of Object.entries(files)) {
    assert.is(readFileSync(`contracts/artifacts/${name}`, 'utf8'), text, `${name}: npm run contracts`);
  }
  assert.is(readFileSync('src/payments/wallet/abi.ts', 'utf8'), abi);
});

test.run();
