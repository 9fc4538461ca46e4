// A journal is read into the books while they are made.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../../src/store/open.js';
import { openBooks } from '../../src/wiring/books.js';
import { MemoryDisk } from '../store/memory-disk.js';

const directory = '/store';

test('a record that the books cannot take is no fault of the disk: the start says where, and lets go of the journal', async () => {
  const disk = new MemoryDisk();
  const { store } = await openStore({ directory, disk });
  store.append({ t: 'sold' });
  await store.close();
  const opening = await openBooks({ directory, disk }).catch((cause: unknown) => cause);
  assert.instance(opening, TypeError);
  const next = await openStore({ directory, disk });
  assert.is(next.recovered.records.length, 1);
  await next.store.close();
});

test('while a start reads the journal, another one is refused', async () => {
  const disk = new MemoryDisk();
  const first = openBooks({ directory, disk });
  const second = await openBooks({ directory, disk }).catch((cause: unknown) => cause);
  assert.is((second as { code?: string }).code, 'locked');
  await (await first).store.close();
});

test.run();
