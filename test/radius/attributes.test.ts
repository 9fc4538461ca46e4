// The attribute codec: names, types, what survives, and what is refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { canonicalAddress } from '../../src/radius/address.js';
import { type Attribute, decodeAttributes, encodeAttributes } from '../../src/radius/attributes.js';
import { RadiusError } from '../../src/radius/error.js';
import { integerOf, textOf, valuesOf } from '../../src/radius/find.js';
import fc from '../rig/properties.js';

const again = (list: readonly Attribute[]) => decodeAttributes(encodeAttributes(list));
const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const fails = (code: RadiusError['code'], work: () => unknown) =>
  assert.throws(work, (e: unknown) => e instanceof RadiusError && e.code === code);

test('attributes of every vendor and type have their octets', () => {
  const cases: [Attribute, string][] = [
    [['WISPr-Bandwidth-Max-Up', 2_000_000], '1a0c 0000372a 0706 001e8480'],
    [['WISPr-Bandwidth-Max-Down', 1], '1a0c 0000372a 0806 00000001'],
    [['ChilliSpot-Max-Total-Octets', 0xffff_ffff], '1a0c 000038df 0306 ffffffff'],
    [['ChilliSpot-Max-Total-Gigawords', 3], '1a0c 000038df 1706 00000003'],
    [['Mikrotik-Rate-Limit', '1M/2M'], '1a0d 00003a8c 0807 314d2f324d'],
    [['Mikrotik-Total-Limit-Gigawords', 1], '1a0c 00003a8c 1206 00000001'],
    [['Acct-Input-Gigawords', 2], '3406 00000002'],
    [['Event-Timestamp', 1_700_000_000], '3706 6553f100'],
    [['Acct-Status-Type', 3], '2806 00000003'],
    [['NAS-IP-Address', '10.0.0.1'], '0406 0a000001'],
    [['NAS-IPv6-Address', '2001:db8::1'], '5f12 20010db8000000000000000000000001'],
    [['Framed-IPv6-Prefix', '2001:db8::/32'], '6108 0020 20010db8'],
    [['Delegated-IPv6-Prefix', '::/0'], '7b04 0000'],
    [['Error-Cause', 503], '6506 000001f7'],
    [['Class', Buffer.from([0, 255])], '1904 00ff'],
    [['Tunnel-Type', Buffer.from([1, 0, 0, 3])], '4006 01000003'],
    [['Attr-241', Buffer.from([1, 2])], 'f104 0102'],
    [['Attr-26.9.1', Buffer.from('x')], '1a09 00000009 0103 78'],
  ];
  for (const [attribute, octets] of cases) {
    assert.is(encodeAttributes([attribute]).toString('hex'), octets.replaceAll(' ', ''), attribute[0]);
    assert.equal(again([attribute]), [attribute]);
  }
});

test('order and repeats are kept, whatever the names', () => {
  const list: Attribute[] = [
    ['Class', Buffer.from('a')],
    ['Reply-Message', 'one'],
    ['Class', Buffer.from('b')],
    ['WISPr-Location-ID', 'x'],
    ['Reply-Message', 'two'],
    ['Attr-26.14122.99', Buffer.from('y')],
    ['Class', Buffer.from('a')],
  ];
  assert.equal(again(list), list);
  assert.equal(valuesOf(list, 'Class').map(String), ['a', 'b', 'a']);
  assert.is(textOf(list, 'Reply-Message'), 'one');
  assert.is(integerOf(list, 'Session-Timeout'), undefined);
});

test('several attributes in one of a vendor, and a vendor with a form of its own', () => {
  const two = hex('1a12 0000372a 0706 00000001 0806 00000002');
  assert.equal(decodeAttributes(two), [
    ['WISPr-Bandwidth-Max-Up', 1],
    ['WISPr-Bandwidth-Max-Down', 2],
  ]);
  const own = hex('1a09 000001ad 000102');
  assert.equal(decodeAttributes(own), [['Attr-26', own.subarray(2)]]);
  assert.equal(encodeAttributes(decodeAttributes(own)), own);
});

test('text that is no UTF-8 survives as octets', () => {
  const bytes = hex('0105 ff fe 41');
  assert.equal(decodeAttributes(bytes), [['User-Name', hex('fffe41')]]);
  assert.equal(encodeAttributes(decodeAttributes(bytes)), bytes);
  assert.is(textOf(decodeAttributes(bytes), 'User-Name'), undefined);
});

test('lengths are judged before anything else', () => {
  fails('bad_length', () => decodeAttributes(hex('0101')));
  fails('bad_length', () => decodeAttributes(hex('0100 0000')));
  fails('truncated', () => decodeAttributes(hex('01')));
  fails('truncated', () => decodeAttributes(hex('0105 4141')));
  fails('bad_length', () => decodeAttributes(hex('1b05 000001')));
  fails('bad_length', () => decodeAttributes(hex('1b07 0000000001')));
  fails('bad_length', () => decodeAttributes(hex('0405 0a0000')));
  fails('bad_length', () => decodeAttributes(hex('5f06 20010db8')));
  fails('bad_length', () => decodeAttributes(hex('6105 0020 20')));
  fails('bad_length', () => decodeAttributes(hex('6104 0081')));
  fails('bad_vendor', () => decodeAttributes(hex('1a06 0000372a')));
  fails('bad_vendor', () => decodeAttributes(hex('1a0b 0000372a 0706 000000')));
  fails('bad_vendor', () => decodeAttributes(hex('1a0b 0000372a 0705 000000')));
});

test('what an attribute cannot carry is refused, and never told', () => {
  for (const [attribute, code] of [
    [['User-Name', 'geheim'.repeat(43)], 'too_long'],
    [['WISPr-Location-ID', 'geheim'.repeat(42)], 'too_long'],
    [['User-Name', ''], 'bad_value'],
    [['User-Name', 5], 'bad_value'],
    [['Class', 'geheim'], 'bad_value'],
    [['Session-Timeout', 2 ** 32], 'bad_value'],
    [['Session-Timeout', -1], 'bad_value'],
    [['Session-Timeout', 1.5], 'bad_value'],
    [['Session-Timeout', '5'], 'bad_value'],
    [['NAS-IP-Address', 'geheim'], 'bad_value'],
    [['NAS-IPv6-Address', '::1%eth0'], 'bad_value'],
    [['Framed-IPv6-Prefix', '::/129'], 'bad_value'],
    [['Framed-IPv6-Prefix', '::'], 'bad_value'],
    [['Attr-256', Buffer.alloc(1)], 'unknown'],
    [['Attr-25.9.1', Buffer.alloc(1)], 'unknown'],
    [['Attr-26.4294967296.1', Buffer.alloc(1)], 'unknown'],
    [['Attr-241', 'text'], 'bad_value'],
    [['constructor', Buffer.alloc(1)], 'unknown'],
  ] as [Attribute, RadiusError['code']][]) {
    assert.throws(
      () => encodeAttributes([attribute]),
      (e: unknown) => e instanceof RadiusError && e.code === code && !e.message.includes('geheim'),
      attribute[0],
    );
  }
});

const octets = (max: number) => fc.uint8Array({ minLength: 1, maxLength: max }).map((a) => Buffer.from(a));
const text = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((s) => Buffer.byteLength(s) <= 240);
const integer = fc.integer({ min: 0, max: 0xffff_ffff });
const anyAttribute: fc.Arbitrary<Attribute> = fc.oneof(
  fc.tuple(fc.constantFrom('User-Name', 'Filter-Id', 'WISPr-Logoff-URL', 'Mikrotik-Group'), text),
  fc.tuple(fc.constantFrom('Session-Timeout', 'Event-Timestamp', 'ChilliSpot-Max-Input-Octets'), integer),
  fc.tuple(fc.constantFrom('Class', 'State', 'Proxy-State', 'Attr-200', 'Attr-26.9.77'), octets(247)),
  fc.tuple(fc.constant('Framed-IP-Address'), fc.ipV4()),
  fc.tuple(fc.constant('NAS-IPv6-Address'), fc.ipV6().map(canonical)),
);

/** Any text of an IPv6 address as its shortest one. */
function canonical(address: string): string {
  const [, value] = again([['NAS-IPv6-Address', address]])[0]!;
  return value as string;
}

test('what is encoded decodes to the same', () => {
  fc.assert(
    fc.property(fc.array(anyAttribute, { maxLength: 12 }), (list) => {
      assert.equal(again(list), list);
    }),
    { numRuns: 1000 },
  );
});

test('whatever decodes encodes again, and decodes to the same', () => {
  const tlv = fc
    .tuple(fc.nat(255), fc.uint8Array({ maxLength: 40 }))
    .map(([id, v]) => Buffer.from([id, v.length + 2, ...v]));
  fc.assert(
    fc.property(fc.array(tlv, { maxLength: 8 }), (list) => {
      let decoded: Attribute[];
      try {
        decoded = decodeAttributes(Buffer.concat(list));
      } catch (error) {
        assert.instance(error, RadiusError);
        return;
      }
      const filled = decoded.filter(([, value]) => value !== '');
      assert.equal(again(filled), filled);
    }),
    { numRuns: 2000 },
  );
});

test('an address has one text', () => {
  const pairs = {
    '::FFFF:10.0.0.1': '10.0.0.1',
    'fe80::1%eth0': 'fe80::1',
    '2001:0db8:0:0::1': '2001:db8::1',
    '10.0.0.1': '10.0.0.1',
    '::': '::',
    '1:0:0:2:0:0:0:3': '1:0:0:2::3',
    '1:2:3:4:5:6:0:8': '1:2:3:4:5:6:0:8',
  };
  for (const [given, one] of Object.entries(pairs)) assert.is(canonicalAddress(given), one);
});

test.run();
