// The collector for prometheus-node-exporter-lua, in a real Lua, with what a daemon says of itself. The module that speaks
// to ubus is a stand-in.
import { spawnSync } from 'node:child_process';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startProcess } from '../rig/daemon.js';

const sections = `config gateway 'lan'
	option type 'opennds'
	option socket '/none/ndsctl.sock'
config plan 'data'
	option metric 'bytes'
	option step '1 MB'
	list price '0.05 USD'
config method 'cash'
	list currency 'USD 2'
`;

/** A value as Lua writes it. */
function inLua(value: unknown): string {
  if (Array.isArray(value)) return `{ ${value.map(inLua).join(', ')} }`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'nil';
  return `{ ${Object.entries(value).map(([key, one]) => `["${key}"] = ${inLua(one)}`)} }`;
}

/** What Prometheus is told where the daemon's status is this; undefined: it does not answer. */
function told(status: Table | undefined): Map<string, string> {
  const program = `
    package.preload.ubus = function() return { connect = function()
      return { call = function() return ${status ? inLua(status) : 'nil'} end, close = function() end } end } end
    function metric(name, kind, labels, value)
      if value ~= nil then print(name .. " " .. value) end
      return function(_, number) print(name .. " " .. number) end
    end
    dofile("files/usr/lib/lua/prometheus-collectors/turnpike.lua").scrape()`;
  const { stdout, stderr, status: code } = spawnSync('lua5.4', ['-e', program], { encoding: 'utf8' });
  assert.is(code, 0, stderr);
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
}

test('a daemon’s figures are told, and what of its journal is missing', async () => {
  const daemon = await startProcess(sections);
  try {
    const status = await daemon.call('status');
    const well = told({ ...status, clock: { state: 'set', time: 1 } });
    assert.is(well.get('turnpike_gateway_up'), '0');
    for (const name of ['up', 'journal_ok', 'clock_set']) assert.is(well.get(`turnpike_${name}`), '1', name);
    assert.is(well.get('turnpike_journal_damages'), '0');
    const journal = { ...(status.journal as Table), state: 'damaged', damages: ['one', 'another'] };
    const ill = told({ ...status, journal, clock: { state: 'behind', time: 1 } });
    assert.is(ill.get('turnpike_journal_ok'), '0');
    assert.is(ill.get('turnpike_journal_damages'), '2');
    assert.is(ill.get('turnpike_clock_set'), '0');
  } finally {
    await daemon.close();
  }
});

test('a daemon that does not answer is down', () => {
  assert.equal([...told(undefined)], [['turnpike_up', '0']]);
});

test.run();
