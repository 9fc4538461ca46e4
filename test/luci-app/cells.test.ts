// What the cells of the table of sessions say.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from './evaluate.js';

interface Column {
  readonly id: string;
  draw(cell: object, row: object): void;
}

/** The bar or the text that stands for the time that is left. */
function timeOf(granted: object, remaining: object, isEnded = false): unknown[] {
  let drawn: unknown[] = [];
  const cells = evaluate('turnpike/cells.js', {
    'turnpike.session': { isEnded: () => isEnded },
    'turnpike.table': { drawBar: (_cell: object, ...rest: unknown[]) => Object.assign(drawn, rest) },
    'turnpike.units': { span: (seconds: number) => `${seconds} s` },
  }) as { columns(hosts: object, titleOf: () => string): Column[] };
  const column = cells.columns({}, () => '').find(({ id }) => id === 'left')!;
  const cell = {
    replaceChildren(...all: unknown[]) {
      drawn = all;
    },
  };
  column.draw(cell, { granted, remaining });
  return drawn;
}

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

test.run();
