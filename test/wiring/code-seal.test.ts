// Codes of vouchers in the journal: they open for their batch and their router, and for nobody else.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seal, unseal } from '../../src/wiring/code-seal.js';
import fc from '../rig/properties.js';

const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });
const batch = fc.stringMatching(/^[a-z0-9]{8}$/);
const codes = fc.stringMatching(/^[A-Z0-9]{0,800}$/);

test('what was sealed opens again, for the same batch and secret', () => {
  fc.assert(
    fc.property(secret, batch, codes, (key, id, text) => {
      assert.is(unseal(key, id, seal(key, id, text)), text);
    }),
  );
});

test('of another batch, or with the secret of another router, nothing opens', () => {
  const given = fc.tuple(secret, secret, batch, batch, codes);
  fc.assert(
    fc.property(given, ([key, other, id, elsewhere, text]) => {
      fc.pre(Buffer.compare(key, other) !== 0 && id !== elsewhere);
      const sealed = seal(key, id, text);
      assert.is(unseal(other, id, sealed), undefined);
      assert.is(unseal(key, elsewhere, sealed), undefined);
    }),
  );
});

test('any bit that is flipped, and any cut, is found', () => {
  fc.assert(
    fc.property(secret, batch, codes, fc.nat(), (key, id, text, at) => {
      const sealed = Buffer.from(seal(key, id, text), 'base64url');
      const bit = at % (sealed.length * 8);
      const bent = Buffer.from(sealed);
      bent[bit >> 3]! ^= 1 << (bit & 7);
      assert.is(unseal(key, id, bent.toString('base64url')), undefined);
      assert.is(unseal(key, id, sealed.subarray(0, at % sealed.length).toString('base64url')), undefined);
    }),
  );
});

test('what is sealed does not have the codes in it, and is another text each time', () => {
  fc.assert(
    fc.property(secret, batch, fc.stringMatching(/^[A-Z0-9]{10}$/), (key, id, code) => {
      const [one, two] = [seal(key, id, code), seal(key, id, code)];
      assert.is.not(one, two);
      const bytes = Buffer.from(one, 'base64url').toString('latin1');
      assert.not.ok(one.includes(code) || bytes.includes(code));
    }),
  );
});

test.run();
