import { decodeSignature, encodeSignature, encodeTable, WireError } from 'openwrt-ubus/wire';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('a signature has the names of types, and refuses a name that is none', () => {
  const args = {
    a: 'string',
    b: 'int32',
    c: 'int64',
    d: 'boolean',
    e: 'table',
    f: 'array',
    g: 'double',
  } as const;
  const methods = { all: { args }, odd: { args: { u: 'unspec', s: 'int16' } as const }, none: { args: {} } };
  assert.equal(decodeSignature(encodeSignature(methods)), {
    all: args,
    odd: { u: 'unspec', s: 'int16' },
    none: {},
  });
  assert.equal(decodeSignature(encodeTable({ strange: { n: 77 } })), { strange: { n: 'unknown' } });
  assert.throws(
    () => encodeSignature({ m: { args: { n: 'integer' as never } } }),
    (e: unknown) => e instanceof WireError && e.code === 'unsupported',
  );
});

test.run();
