// Days, files and scales of the page of statistics.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from './evaluate.js';

interface Row {
  readonly at: number;
  readonly revenue: readonly { readonly amount: string; readonly currency: string }[];
  readonly up_bytes: number;
  readonly down_bytes: number;
  readonly sessions: number;
}
interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}
const days = evaluate('turnpike/days.js', {}) as {
  range(span: string, now: Date): Range;
  byDay(series: readonly Row[], sum: (all: readonly object[]) => unknown): Row[];
  dateOf(at: number): string;
};
const csv = evaluate('turnpike/csv.js', {}) as { text(rows: readonly unknown[][]): string };
const graph = evaluate('turnpike/graph.js', {}) as {
  digits(value: number): string;
  topOf(most: number, whole: boolean): number;
};

const zone = process.env.TZ;
test.after.each(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

function in_(name: string): void {
  process.env.TZ = name;
}

/** One sale in each hour of a range. */
const hourly = ({ from, to, step }: Range): Row[] =>
  Array.from({ length: (to - from) / step }, (_item, i) => ({
    at: from + i * step,
    revenue: [],
    ...{ up_bytes: 1, down_bytes: 2, sessions: 1 },
  }));

const grouped = (range: Range) => days.byDay(hourly(range), () => []);

test('today begins at the reader’s midnight and ends at the next one', () => {
  in_('Europe/Berlin');
  const { from, to } = days.range('today', new Date('2026-07-10T21:30:00Z'));
  assert.is(new Date(from * 1000).toISOString(), '2026-07-09T22:00:00.000Z');
  assert.is(to - from, 24 * 3600);
});

test('yesterday, this week and this month are told from the day before', () => {
  in_('Europe/Berlin');
  const now = new Date('2026-07-10T12:00:00Z');
  const at = (span: string) => {
    const { from, to } = days.range(span, now);
    return [days.dateOf(from), days.dateOf(to - 1)];
  };
  assert.equal(at('yesterday'), ['2026-07-09', '2026-07-09']);
  assert.equal(at('week'), ['2026-07-06', '2026-07-10']);
  assert.equal(at('month'), ['2026-07-01', '2026-07-10']);
});

test('a day of summer time’s beginning has 23 hours, one of its end 25, and each is one bar', () => {
  in_('Europe/Berlin');
  for (const [now, sold] of [
    ['2026-03-29T12:00:00Z', 23],
    ['2026-10-25T12:00:00Z', 25],
  ] as const) {
    const week = grouped(days.range('week', new Date(now)));
    assert.equal(
      week.map((day) => day.sessions),
      [24, 24, 24, 24, 24, 24, sold],
    );
  }
});

test('in a zone of half hours no day is lost and none is counted twice', () => {
  for (const name of ['Asia/Kolkata', 'Australia/Adelaide', 'Asia/Kathmandu']) {
    in_(name);
    const range = days.range('month', new Date('2026-07-10T12:00:00Z'));
    const rows = grouped(range);
    assert.equal(
      rows.map(({ at }) => days.dateOf(at)),
      Array.from({ length: 10 }, (_item, i) => `2026-07-${String(i + 1).padStart(2, '0')}`),
    );
    assert.equal(
      rows.map((day) => day.sessions),
      Array(10).fill(24),
    );
    const { from } = range;
    assert.equal([new Date(from * 1000).getHours(), new Date(from * 1000).getMinutes()], [0, 0]);
  }
});

test('what was given back is a number in a file, and a formula is text', () => {
  assert.is(csv.text([['-0.50', '-1+2', '=A1', '12']]), `-0.50,'-1+2,'=A1,12\r\n`);
});

test('revenue is told by plan and by the way to pay, of each currency by itself', () => {
  const units = evaluate('turnpike/units.js', {}) as { sum(list: readonly object[]): { amount: string }[] };
  const view = evaluate('view/turnpike/statistics.js', {
    'turnpike.graph': { parts: (one: unknown) => one },
    'turnpike.session': { titles: () => new Map([['data', 'Data']]), methods: { cash: 'cash' } },
    'turnpike.units': { sum: units.sum, money: ({ amount }: { amount: string }) => amount },
  }) as { parts(answer: object): { heads: string[]; rows: { name: string; value: number }[] }[] };
  const taken = (plan: string, method: string, amount: string, currency: string) => {
    return { plan, method, amount, currency };
  };
  const takings = [
    taken('data', 'cash', '1.50', 'USD'),
    taken('gone', 'cash', '-0.50', 'USD'),
    taken('data', 'voucher', '2.00', 'EUR'),
  ];
  const told = view.parts({ takings }).map(({ heads, rows }) => {
    return [heads[0], ...rows.map(({ name, value }) => `${name} ${value}`)];
  });
  assert.equal(told, [
    ['Plan', 'Data 1.5', 'gone -0.5'],
    ['Paid with', 'cash 1'],
    ['Plan', 'Data 2'],
    ['Paid with', 'voucher 2'],
  ]);
  assert.equal(view.parts({}), [], 'an earlier version of the daemon does not say');
});

test('a file has no marks of the direction of text', () => {
  assert.is(csv.text([['\u20660.50 USD\u2069']]), '0.50 USD\r\n');
  assert.is(csv.text([['\u2066=A1', '\u2069-0.50']]), "'=A1,-0.50\r\n", 'a formula behind a mark');
});

test('a scale names tiny amounts', () => {
  assert.equal([0, 0.0001, 0.0002].map(graph.digits), ['0', '0.0001', '0.0002']);
});

test('the scale of sessions has no half of a session', () => {
  assert.equal(
    [0, 1, 3, 13, 21].map((most) => graph.topOf(most, true) / 2),
    [1, 1, 3, 10, 13],
  );
});

test.run();
