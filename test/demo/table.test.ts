import type { Table, UbusClient } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runningSessions } from '../../packages/demo/sessions.js';
import { tableOf } from '../../packages/demo/table.js';

const session = (mac: string, used: Table, remaining: Table): Table => ({
  ...{ mac, plan: 'mixed', state: 'active', used, remaining },
});

/** A bus on which turnpike has these sessions, each at 1 Mbit/s up and 3 down. */
function busWith(sessions: Table[]): UbusClient {
  const replies: Record<string, Table> = {
    sessions: { sessions },
    usage: { rates: { up_bps: 1e6, down_bps: 3e6 } },
  };
  return { call: async (_path: string, method: string) => replies[method] } as unknown as UbusClient;
}

test('a session shows the cap that is used up the most, and those come first that end soonest', async () => {
  const bus = busWith([
    session('early', { bytes: 10, seconds: 1 }, { bytes: 90, seconds: 7 }),
    session('by-time', { bytes: 10, seconds: 6 }, { bytes: 90, seconds: 2 }),
    session('by-data', { bytes: 9_000_000 }, { bytes: 1_000_000 }),
  ]);
  const rows = await runningSessions(bus, 10);
  assert.equal(
    rows.map(({ mac, used, remaining, rate }) => [mac, used, remaining, rate]),
    [
      ['by-data', 0.9, '1.0 MB', 4e6],
      ['by-time', 0.75, '2 s', 4e6],
      ['early', 0.125, '7 s', 4e6],
    ],
  );
});

test('a table that is too long for the screen says how many sessions it leaves out', async () => {
  const rows = await runningSessions(busWith([session('one', {}, {}), session('two', {}, {})]), 10);
  assert.is(tableOf(rows, 5, 10).at(-1), '... and 3 more');
  assert.is(tableOf(rows, 5, 1).length, 3, 'heading, one session, the rest');
  assert.is(tableOf(rows, 2, 10).length, 3, 'heading and both');
});

test('a refusal on the bus is an error, not an empty table', async () => {
  const bus = { call: async () => ({ error: { code: 'bad_argument' } }) } as unknown as UbusClient;
  const cause = await runningSessions(bus, 10).catch((error: Error) => error.message);
  assert.match(String(cause), 'turnpike sessions: {"code":"bad_argument"}');
});

test.run();
