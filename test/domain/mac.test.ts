import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { macFromNumber, macToNumber, parseMac } from '../../src/domain/mac.js';
import fc from '../rig/properties.js';

test('a unicast address is normalised to lower case with colons', () => {
  assert.is(parseMac('02:AB:cd:00:00:0F'), '02:ab:cd:00:00:0f');
  assert.is(parseMac('02-AB-CD-00-00-0F'), '02:ab:cd:00:00:0f');
});

test('anything else is no address', () => {
  const odd = [
    '02:ab:cd:00:00:0',
    '02:ab:cd:00:00:0f ',
    '02:ab-cd:00:00:0f',
    '02abcd00000f',
    '00:00:00:00:00:00',
    'ff:ff:ff:ff:ff:ff',
    '01:00:5e:00:00:01',
    '02:ab:cd:00:00:0g',
    '02:ab:cd:00:00:0f;reboot',
    '$(reboot)aaaaaaaa',
    17,
    null,
    {},
  ];
  for (const value of odd) assert.is(parseMac(value), undefined, String(value));
});

test('as a number and back it is the same address', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 48 - 1 }), (n) => {
      const mac = macFromNumber(n);
      assert.is(mac.length, 17);
      assert.is(macToNumber(mac), n);
    }),
  );
});

test.run();
