// What connections moved since a look at all of them, beside a plain reference.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Connections, roomFor } from '../../workers/connections.js';
import fc from '../rig/properties.js';

const mask = 0xff00;
const [ours, others] = [0x8100, 0x8200];
const memory = (connections: number) => new Connections(new SharedArrayBuffer(roomFor(connections)));
const found = (n: number, up: number, down = 0, mark = ours) => ({ low: n, high: n, mark, up, down });

/** What is said of each mark. */
function said(
  connections: Connections,
  pass: number,
  round: number,
  list: readonly ReturnType<typeof found>[],
) {
  const sums = new Map<number, number>();
  for (const one of list) {
    connections.since(pass, round, mask, one, (mark, up, down) => {
      sums.set(mark, (sums.get(mark) ?? 0) + up + down);
    });
  }
  return sums;
}

test('a connection that was there is counted from then, a new one from its beginning', () => {
  const connections = memory(16);
  connections.note(1, found(1, 1_000, 50));
  const sums = said(connections, 1, 1, [found(1, 1_200, 60), found(2, 30, 4)]);
  assert.equal([...sums], [[ours, 244]]);
});

test('a connection that is listed twice counts once, and says the same in the next round', () => {
  const connections = memory(16);
  connections.note(1, found(1, 10));
  const list = [found(1, 15), found(2, 7), found(1, 15), found(2, 7)];
  assert.equal([...said(connections, 1, 1, list)], [[ours, 12]]);
  assert.equal([...said(connections, 1, 2, list)], [[ours, 12]]);
});

test('a connection that went to another session counts for neither', () => {
  const connections = memory(16);
  connections.note(1, found(1, 10));
  connections.note(1, found(2, 10, 0, 0));
  const sums = said(connections, 1, 1, [found(1, 99, 0, others), found(2, 99, 0, ours)]);
  assert.equal([...sums], []);
});

test('bits of a mark that are somebody else’s change nothing', () => {
  const connections = memory(16);
  connections.note(1, found(1, 10, 0, ours + 3));
  assert.equal([...said(connections, 1, 1, [found(1, 15, 0, ours + 5)])], [[ours, 5]]);
});

test('an old connection that one look missed is not billed from its beginning', () => {
  const connections = memory(16);
  connections.note(1, found(1, 1_000_000));
  connections.note(2, found(2, 5));
  assert.equal([...said(connections, 2, 1, [found(1, 1_000_500), found(2, 6)])], [[ours, 1]]);
});

test('another connection of the same ports counts from its beginning', () => {
  const connections = memory(16);
  connections.note(1, found(1, 1_000, 1_000));
  assert.equal([...said(connections, 1, 1, [found(1, 40, 2_000)])], [[ours, 2_040]]);
});

test('connections come and go for days: those that are gone make room, and none that lives is forgotten', () => {
  const connections = memory(64);
  for (let pass = 1; pass <= 300; pass++) {
    assert.ok(connections.begin(pass) >= 4, `pass ${pass}`);
    connections.note(pass, found(7, pass));
    for (let n = 0; n < 3; n++) connections.note(pass, found(1_000 + 3 * pass + n, 1));
  }
  assert.equal([...said(connections, 300, 1, [found(7, 310)])], [[ours, 10]]);
});

test('whatever connections do, what is said is what passed since the look, or less', () => {
  const step = fc.record({ n: fc.nat(11), bytes: fc.nat(1_000), isEnd: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 20 }), { minLength: 2, maxLength: 6 }), (spans) => {
      const connections = memory(16);
      const bytes = new Map<number, number>();
      let passed = 0;
      let ended = 0;
      for (const [at, steps] of spans.entries()) {
        [passed, ended] = [0, 0];
        for (const { n, bytes: more, isEnd } of steps) {
          if (isEnd) {
            ended += bytes.get(n) ?? 0;
            bytes.delete(n);
          }
          bytes.set(n, (bytes.get(n) ?? 0) + more);
          passed += more;
        }
        if (at === spans.length - 1) break;
        connections.begin(at + 1);
        for (const [n, up] of bytes) connections.note(at + 1, found(n, up));
      }
      const list = [...bytes].map(([n, up]) => found(n, up));
      const sum = said(connections, spans.length - 1, 1, list).get(ours) ?? 0;
      assert.ok(sum <= passed, `${sum} of ${passed}`);
      if (ended === 0) assert.is(sum, passed);
    }),
  );
});

test.run();
