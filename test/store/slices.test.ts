// A snapshot that is packed in slices.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LongList } from '../../src/domain/long-list.js';
import { packPayload } from '../../src/store/payload.js';
import { packShort, packSlices } from '../../src/store/slices.js';
import { slowly } from '../rig/clock.js';

const itself = (entry: unknown) => entry;

test('it has the bytes that it would have in one piece', async () => {
  const entry = fc.record({ id: fc.string(), lots: fc.array(fc.nat(), { maxLength: 3 }) });
  const few = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.oneof(fc.nat(), fc.string()), {
    maxKeys: 20,
  });
  const property = fc.asyncProperty(
    few,
    fc.array(entry, { maxLength: 40 }),
    few,
    async (state, list, cursors) => {
      const contents = (sessions: unknown) => ({ state: { ...state, sessions, last: 1 }, cursors });
      const packed = packShort(contents(LongList.of(list, itself)), ['state']);
      assert.equal(await packSlices(packed), packPayload(contents(list)));
    },
  );
  await fc.assert(property);
  for (const length of [15, 16, 65_535, 65_536]) {
    const list = Array.from({ length }, (_, n) => n);
    assert.equal(await packSlices(packShort({ list: LongList.of(list, itself) })), packPayload({ list }));
  }
});

test('others have their turn meanwhile', async () => {
  assert.ok(await slowly(() => packSlices(packShort({ slow: LongList.of([1, 2, 3], itself) }))));
});

test('what is no long list is as it was when it was packed', async () => {
  const state = { sold: [1] };
  const packed = packShort({ state }, ['state']);
  state.sold.push(2);
  assert.equal(await packSlices(packed), packPayload({ state: { sold: [1] } }));
});

test.run();
