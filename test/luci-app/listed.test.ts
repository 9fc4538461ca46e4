// Long lists of the pages: what the daemon is asked for, and what is sorted where.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from './evaluate.js';

interface List {
  readonly search: { value: string };
  watch(): Promise<void>;
  all(): Promise<unknown>;
}
interface Given {
  readonly columns: readonly { readonly id: string; readonly sort?: unknown }[];
  turned(order: { id: string; down: boolean }): void;
}

const hosts = {
  '02:00:00:00:00:01': { name: 'Annas-Phone', ipaddrs: ['10.0.0.17'] },
  '02:00:00:00:00:02': { ipaddrs: ['10.0.0.18'] },
};

function listOf(count = 1, isDown = false) {
  const asked: object[] = [];
  const updates: unknown[][] = [];
  let given: Given | undefined;
  const call = {
    sessions(args: object) {
      asked.push(args);
      if (isDown) return Promise.reject(new Error('turnpike is not running'));
      return Promise.resolve({ sessions: [{ id: 's1' }], count });
    },
  };
  const create = (one: Given) => {
    given = one;
    return {
      node: {},
      update: (...rest: unknown[]) => updates.push(rest),
      doubt: () => updates.push(['doubt']),
    };
  };
  const all = (list: string, args: object) => Promise.resolve([list, args]);
  const guard = (fetch: () => Promise<unknown>, show: (answer: unknown) => void, fail: () => void) => ({
    watch: () => fetch().then(show, fail),
  });
  const pages = { node: {}, args: () => ({ offset: 0, limit: 100 }), rewind() {}, update() {} };
  const listed = evaluate('turnpike/listed.js', {
    'turnpike.api': { call, all },
    'turnpike.daemon': { guard },
    'turnpike.pager': { create: () => pages },
    'turnpike.table': { create },
  }) as {
    create(options: object): List;
    macsOf(all: typeof hosts, word: string): string[];
    named(table: object, word: string): string[];
  };
  const list = listed.create({
    list: 'sessions',
    columns: [
      { id: 'client', sort: () => 1 },
      { id: 'rates', sort: () => 1 },
    ],
    sorts: { client: 'client' },
    sorted: { id: 'client', down: false },
    filter: () => ({ state: 'live' }),
    words: (word: string) => listed.macsOf(hosts, word),
    show() {},
  });
  list.search.value = '';
  return { list, listed, asked, updates, given: given! };
}

test('a name that the router alone knows is searched for by the address of its device', async () => {
  const { list, asked } = listOf();
  list.search.value = ' annas ';
  await list.watch();
  assert.equal(asked, [
    { state: 'live', search: 'annas|02:00:00:00:00:01', sort: 'client', offset: 0, limit: 100 },
  ]);
});

test('nothing is looked for where nothing was typed', () => {
  const { listed } = listOf();
  assert.equal([listed.macsOf(hosts, ''), listed.named({ a: 'x' }, '')], [[], []]);
  assert.equal(listed.macsOf(hosts, '10.0.0.1'), Object.keys(hosts));
  assert.equal(listed.named({ grant: 'Free of charge', cash: 'cash' }, 'free'), ['grant']);
});

test('another order is asked of the daemon, and only one that it has', async () => {
  const { given, asked, list } = listOf();
  assert.equal(
    given.columns.map(({ sort }) => sort !== undefined),
    [true, false],
  );
  given.turned({ id: 'client', down: true });
  assert.equal((asked as { sort: string }[])[0]?.sort, '-client');
  list.search.value = 'x';
  assert.equal(await list.all(), ['sessions', { state: 'live', search: 'x', sort: '-client' }]);
});

test('a list that is whole is sorted by the words that it shows, a page of a longer one as it comes', async () => {
  for (const [count, isPage] of [
    [1, false],
    [200, true],
  ] as const) {
    const { list, updates } = listOf(count);
    await list.watch();
    assert.equal(updates, [[[{ id: 's1' }], isPage]]);
  }
});

test('while nobody answers the list does not say that there is nothing', async () => {
  const { list, updates } = listOf(1, true);
  await list.watch();
  assert.equal(updates, [['doubt']]);
});

test.run();
