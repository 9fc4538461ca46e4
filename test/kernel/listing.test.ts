// What nft prints of our table.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseListing } from '../../src/kernel/listing.js';
import { slowly } from '../rig/clock.js';

const printed = JSON.stringify({
  nftables: [
    { metainfo: { version: '1.0.6' } },
    { counter: { name: 'cu1_a', bytes: 7 } },
    { chain: { name: 'odd ]} "\\' } },
    {
      map: {
        name: 'count_up',
        elem: [
          [5, 'cu1_a'],
          ['02:00:00:00:00:01', { jump: { target: 'w0_1' } }],
        ],
      },
    },
    { set: { name: 'own', elem: [{ concat: [5, '02:00:00:00:00:01'] }] } },
    { set: { name: 'made_1', handle: 3 } },
  ],
});

test('it is read item by item, whatever is in a text', async () => {
  const { counters, elements, shape, seal, odd, frame } = await parseListing(printed);
  assert.equal([...counters], [['cu1_a', 7]]);
  assert.equal(
    [...elements.get('count_up')!],
    [
      ['5', 'cu1_a'],
      ['02:00:00:00:00:01', 'w0_1'],
    ],
  );
  assert.equal([...elements.get('own')!.keys()], ['5 . 02:00:00:00:00:01']);
  assert.is(seal, 'made_1');
  assert.not.ok(shape.includes('made_1'));
  assert.ok(frame.includes('set inet turnpike made_1'), 'it goes with the table');
  assert.not.ok(odd);
});

test('what is cut off anywhere is no table', async () => {
  for (let end = 0; end < printed.length - 1; end++) {
    const cause = await parseListing(printed.slice(0, end)).catch((thrown: unknown) => thrown);
    assert.instance(cause, SyntaxError, `${end}`);
  }
});

/** As nft does, which puts a blank behind each colon and comma. */
const spaced = (data: unknown): string => {
  if (Array.isArray(data)) return `[${data.map(spaced).join(', ')}]`;
  if (typeof data !== 'object' || data === null) return JSON.stringify(data);
  const members = Object.entries(data).map(([name, value]) => `${JSON.stringify(name)}: ${spaced(value)}`);
  return `{${members.join(', ')}}`;
};

test('a long table is read in parts, wherever these end', async () => {
  const looksLikeAnother = '"}}, {"counter": {"family": ';
  const name = fc.oneof(fc.string(), fc.constant(looksLikeAnother));
  const statement = fc.constantFrom(
    { counter: { packets: 0, bytes: 0 } },
    { snat: { family: 'ip', addr: '192.0.2.1' } },
    { match: { op: '==', left: { meta: { key: 'mark' } }, right: looksLikeAnother } },
    { reject: { type: 'tcp reset' } },
  );
  const item = fc.oneof(
    fc.record({ counter: fc.record({ family: fc.constant('inet'), name, bytes: fc.nat() }) }),
    fc.record({ chain: fc.record({ family: fc.constant('inet'), name }) }),
    fc.record({ rule: fc.record({ family: fc.constant('inet'), expr: fc.array(statement) }) }),
    fc.record({ set: fc.record({ family: fc.constant('inet'), name, elem: fc.array(name) }) }),
  );
  const some = fc.asyncProperty(
    fc.array(item, { minLength: 1, maxLength: 20 }),
    fc.nat({ max: 400 }),
    async (items, times) => {
      const all = Array.from({ length: times }, () => items).flat();
      const table = await parseListing(spaced({ nftables: all }));
      assert.equal(table, await parseListing(JSON.stringify({ nftables: all })));
    },
  );
  await fc.assert(some);
});

test('others have their turn while a table is read that takes long', async () => {
  assert.ok(await slowly(() => parseListing(printed)));
  assert.type(performance.now(), 'number');
});

test.run();
