import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { documents } from '../../packages/documents/documents.js';

test('documents that are made from the code say what the code says: npm run docs', () => {
  assert.ok(documents.size >= 2);
  for (const [file, write] of documents) {
    assert.is(readFileSync(file, 'utf8'), write(), `${file} is out of date: npm run docs`);
  }
});

test.run();
