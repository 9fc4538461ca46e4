// What the cells of the table of sessions say.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from './evaluate.js';

interface Column {
  readonly id: string;
  draw(cell: object, row: object): void;
}

/** What is drawn into the cell of a column: a bar as its share and text, or words. */
function drawnIn(id: string, row: object, isEnded = false): unknown[] {
  let drawn: unknown[] = [];
  const cells = evaluate('turnpike/cells.js', {
    'turnpike.session': { isEnded: () => isEnded },
    'turnpike.table': { drawBar: (_cell: object, ...rest: unknown[]) => Object.assign(drawn, rest) },
    'turnpike.units': { span: (seconds: number) => `${seconds} s`, bytes: (n: number) => `${n} B` },
  }) as { columns(hosts: object, titleOf: () => string): Column[] };
  const column = cells.columns({}, () => '').find((one) => one.id === id)!;
  const cell = {
    replaceChildren(...all: unknown[]) {
      drawn = all;
    },
  };
  column.draw(cell, row);
  return drawn;
}

const timeOf = (granted: object, remaining: object, isEnded = false) =>
  drawnIn('left', { granted, remaining }, isEnded);
const dataOf = (granted: object, remaining: object) =>
  drawnIn('data', { granted, remaining, up_bytes: 30, down_bytes: 40 });

test('the bar and the text beside it are of the limit that ends first', () => {
  const granted = { seconds: 3600, valid_seconds: 7200 };
  assert.equal(timeOf(granted, { seconds: 900, valid_seconds: 5400 }), [0.75, '900 s']);
  assert.equal(timeOf(granted, { seconds: 3600, valid_seconds: 1800 }), [0.75, '1800 s']);
  assert.equal(timeOf({ valid_seconds: 100 }, { valid_seconds: 50 }), [0.5, '50 s']);
});

test('who has no limit of time, or has ended, has no bar', () => {
  assert.equal(timeOf({ bytes: 5 }, { bytes: 5 }), ['∞']);
  assert.equal(timeOf({ seconds: 5 }, { seconds: 5 }, true), ['–']);
});

test('limits of data down or up have their rest, and the one that ends first has the bar', () => {
  assert.equal(dataOf({}, {}), ['70 B used']);
  assert.equal(dataOf({ bytes: 100 }, { bytes: 30 }), [0.7, '30 B left of 100 B']);
  assert.equal(dataOf({ down_bytes: 80 }, { down_bytes: 40 }), [0.5, '40 B left of 80 B down']);
  const limits = { bytes: 1000, down_bytes: 80, up_bytes: 40 };
  const rest = { bytes: 930, down_bytes: 40, up_bytes: 10 };
  assert.equal(dataOf(limits, rest), [0.75, '10 B left of 40 B up']);
});

test('the speed is told with the first answer', () => {
  const cells = evaluate('turnpike/cells.js', {}) as { speedOf(row: object): object };
  assert.equal(cells.speedOf({ rates: { up_bps: 8, down_bps: 16 } }), { up: 8, down: 16 });
  assert.equal(cells.speedOf({}), { up: 0, down: 0 });
});

test.run();
