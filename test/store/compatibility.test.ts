// Journals of earlier versions: `fixtures/journal/VERSION.json` has the files that it wrote, and its books at that time.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Book } from '../../src/domain/book.js';
import type { PlainBook } from '../../src/domain/plain-book.js';
import type { JournalRecord } from '../../src/domain/record.js';
import { hour } from '../../src/domain/stats.js';
import { openStore } from '../../src/store/open.js';
import { MemoryDisk } from './memory-disk.js';

const fixtures = 'test/fixtures/journal';
const directory = '/state';

interface Fixture {
  readonly files: Readonly<Record<string, string>>;
  readonly book: PlainBook;
}

for (const name of readdirSync(fixtures)) {
  test(`a journal of ${name.replace('.json', '')} says what it said then, and is gone on with`, async () => {
    const { files, book } = JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as Fixture;
    const disk = new MemoryDisk();
    for (const [file, text] of Object.entries(files)) {
      const bytes = Buffer.from(text, 'base64');
      disk.names.set(`${directory}/${file}`, { bytes, durable: bytes, dropped: false });
    }
    const { store, recovered } = await openStore({ directory, disk });
    assert.equal(recovered.setAside, []);
    const found = new Book(recovered.snapshot as PlainBook);
    for (const { data } of recovered.records) found.apply(data as JournalRecord);
    const { ends, stats, quarters, ...plain } = found.toPlain(0);
    const { stats: hours, ...then } = book;
    assert.equal(JSON.parse(JSON.stringify(plain)), then);
    assert.equal(ends, []);
    // By the hour: it knew nothing shorter.
    const [first, last] = [hours[0]!.at, hours.at(-1)!.at];
    const told = ({ stats }: Book) => stats.series(first, last + hour, hour);
    assert.equal(told(found), told(new Book(book)));
    assert.equal(told(found).filter(({ sessions }) => sessions > 0).length, hours.length);
    await store.snapshot(found.toPlain(0));
    await store.close();
    const again = await openStore({ directory, disk });
    assert.equal(new Book(again.recovered.snapshot as PlainBook).toPlain(0), found.toPlain(0));
    await again.store.close();
  });
}

test('0.1.0 refuses what this version has written, for it would pass over records that it does not know', async () => {
  const { files } = JSON.parse(readFileSync(join(fixtures, '0.1.0.json'), 'utf8')) as Fixture;
  const formatOf = (bytes: Buffer) => bytes.readUInt16LE(8);
  const known = Math.max(...Object.values(files).map((text) => formatOf(Buffer.from(text, 'base64'))));
  const disk = new MemoryDisk();
  const { store } = await openStore({ directory, disk });
  store.append({ t: 'boot', at: 0, boot: 'b' });
  await store.snapshot({});
  store.append({ t: 'boot', at: 1, boot: 'c' });
  await store.close();
  const written = [...disk.names].filter(([path]) => /(?:journal|snapshot)-/.test(path));
  assert.ok(written.length >= 2);
  for (const [path, { bytes }] of written) assert.ok(formatOf(bytes) > known, path);
});

test.run();
