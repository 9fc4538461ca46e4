// A portal's own flowtables, with the rules of openNDS 10.3.1 as `nft -j` lists them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Nft } from '../../src/kernel/nft.js';
import { fillsFlowtable, takeOutFlows } from '../../src/kernel/offload.js';
import { openndsRules } from '../../src/portals/opennds/own-rules.js';
import type { Premises } from '../../src/ports/premises.js';

const lan: Premises = {
  ...{ interfaces: ['br-lan'], exclusive: true, trusted: [], open: [] },
  ...{ portal: 'lan', own: openndsRules },
};
const flowtable = (name: string, table: string, family = 'ip') => ({
  flowtable: { family, name, table, handle: 9, hook: 'ingress', prio: -100, dev: ['br-lan', 'eth1'] },
});
const rule = (table: string, chain: string, handle: number, expr: object[], family = 'ip') => ({
  rule: { family, table, chain, handle, expr },
});
const flow = (name: string) => ({ flow: { op: 'add', flowtable: `@${name}` } });

function nftWith(flowtables: object[], rules: { rule: { family: string; table: string } }[]) {
  const scripts: string[] = [];
  const nft: Nft = async (args, script = '') => {
    if (args.includes('flowtables')) return JSON.stringify({ nftables: flowtables });
    if (args.includes('table')) {
      const [family, table] = args.slice(-2);
      const inTable = rules.filter(({ rule: r }) => r.family === family && r.table === table);
      return JSON.stringify({ nftables: inTable });
    }
    scripts.push(...script.trim().split('\n'));
    return '';
  };
  return { nft, scripts };
}

test('rules of openNDS that offload are replaced, and what is offloaded comes back', async () => {
  const { nft, scripts } = nftWith(
    [flowtable('ndsftOUT', 'nds_filter'), flowtable('ft', 'fw4', 'inet')],
    [
      rule('nds_filter', 'nds_ft_OUT', 12, [flow('ndsftOUT')]),
      rule('fw4', 'forward', 3, [flow('ft')], 'inet'),
    ],
  );
  assert.equal(await takeOutFlows(nft, [lan]), ['ndsftOUT']);
  assert.equal(scripts, [
    'replace rule ip nds_filter nds_ft_OUT handle 12 meta l4proto { tcp, udp } counter',
    'delete flowtable ip nds_filter ndsftOUT',
    'add flowtable ip nds_filter ndsftOUT { hook ingress priority -100; devices = { "br-lan", "eth1" }; }',
  ]);
});

test('a flowtable that nothing fills takes no packet, and is left alone', async () => {
  const tables = [flowtable('ndsftOUT', 'nds_filter')];
  const { nft, scripts } = nftWith(tables, [rule('nds_filter', 'nds_ft_OUT', 12, [{ counter: {} }])]);
  assert.equal(await takeOutFlows(nft, [lan]), []);
  assert.equal(scripts, []);
  assert.not(await fillsFlowtable(nft, JSON.stringify({ nftables: tables })));
});

test('the firewall’s own offload is seen', async () => {
  const tables = [flowtable('ft', 'fw4', 'inet')];
  const { nft } = nftWith(tables, [rule('fw4', 'forward', 3, [flow('ft')], 'inet')]);
  assert.ok(await fillsFlowtable(nft, JSON.stringify({ nftables: tables })));
});

test.run();
