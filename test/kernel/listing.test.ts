// What nft prints of our table.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseListing } from '../../src/kernel/listing.js';

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

test('it is read item by item, whatever is in a text', () => {
  const { counters, elements, shape, seal, odd, frame } = parseListing(printed);
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

test('what is cut off anywhere is no table', () => {
  for (let end = 0; end < printed.length - 1; end++) {
    assert.throws(
      () => parseListing(printed.slice(0, end)),
      (cause: Error) => cause instanceof SyntaxError,
    );
  }
});

test.run();
