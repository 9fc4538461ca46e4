// What `nft monitor` prints, cut anywhere, as nft 1.0.6 printed it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RulesetEvents, type Written } from '../../src/kernel/events.js';

const printed = `add element inet turnpike s { 02:00:00:00:00:01 }
# new generation 5 by process 24379 (nft)
add table ip other2
add rule ip other counter packets 0 bytes 0
# new generation 9 by process 24401 (nft)
delete rule inet turnpike x handle 5
delete table inet turnpike
delete table ip other
# new generation 12 by process 24413 (nft)
`;
const told = [
  { pid: 24379, tables: ['inet turnpike'] },
  { pid: 24401, tables: ['ip other2', 'ip other'] },
  { pid: 24413, tables: ['inet turnpike', 'ip other'] },
];

function read(chunks: Iterable<Buffer>): object[] {
  const found: Written[] = [];
  const events = new RulesetEvents((written) => found.push(written));
  for (const chunk of chunks) events.push(chunk);
  return found.map(({ pid, tables }) => ({ pid, tables: tables && [...tables] }));
}

test('each transaction is told with its process and its tables, wherever the stream is cut', () => {
  const all = Buffer.from(printed);
  for (let at = 0; at <= all.length; at++) {
    assert.equal(read([all.subarray(0, at), all.subarray(at)]), told, `cut at ${at}`);
  }
});

test('a table that a transaction deletes is told, one that it makes anew is not', () => {
  const deleted: string[][] = [];
  const events = new RulesetEvents((written) => deleted.push([...(written.deleted ?? [])]));
  events.push(Buffer.from(printed));
  events.push(Buffer.from('delete table inet turnpike\nadd table inet turnpike\n# new generation 13\n'));
  assert.equal(deleted, [[], [], ['inet turnpike', 'ip other'], []]);
});

test('a line of megabytes is read and not kept', () => {
  const elements = Buffer.from(`02:00:00:00:00:01, `.repeat(100_000));
  const chunks = [Buffer.from('add element inet turnpike s { '), ...Array<Buffer>(20).fill(elements)];
  chunks.push(Buffer.from('}\n# new generation 6 by process 7 (nft)\n'));
  const before = process.memoryUsage().heapUsed;
  assert.equal(read(chunks), [{ pid: 7, tables: ['inet turnpike'] }]);
  assert.ok(process.memoryUsage().heapUsed - before < 10_000_000);
});

test('events that nft lost may be of any table, and an nft that names no process is told without', () => {
  const lines = '# ERROR: We lost some netlink events!\nadd table ip a\n# new generation 3\n';
  assert.equal(read([Buffer.from(lines)]), [
    { pid: undefined, tables: undefined },
    { pid: undefined, tables: ['ip a'] },
  ]);
});

test.run();
