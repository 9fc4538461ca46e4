// Rows of the dialogs of the pages.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from './evaluate.js';

const daemon = evaluate('turnpike/daemon.js', {}) as { field(label: string, input: { id: string }): unknown };

test('each field has a label of its own, in Cyrillic, Arabic and Chinese too', () => {
  const ids = ['Цена', 'Срок', 'السعر', '价格', '价格'].map((label) => {
    const input = { id: '' };
    daemon.field(label, input);
    return input.id;
  });
  assert.is(new Set(ids).size, 5, ids.join());
  assert.ok(ids.every((id) => /^[a-z0-9-]+$/.test(id)));
});

test('a field that has an id keeps it', () => {
  const input = { id: 'mine' };
  daemon.field('Цена', input);
  assert.is(input.id, 'mine');
});

test.run();
