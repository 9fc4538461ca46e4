// What stands in the table where turnpike itself is at the gate.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Premises } from '../../src/ports/premises.js';
import { hold, macOf, premises, ready } from './wanted.js';

const own: Premises = {
  ...{ interfaces: ['br-guest'], exclusive: true, trusted: [], open: [] },
  ...{ denied: [macOf(66)], front: { page: 2080, redirect: true, dns: 'any' } },
};

/** A table on these premises, beside another portal's. */
async function tableFor(...places: Premises[]) {
  const all = await ready(hold('a'));
  all.wish.places = [premises, ...places];
  await all.table.sync([]);
  assert.is(all.table.status.state, 'on', all.table.status.error);
  const rules = (chain: string) => {
    const found = all.kernel.chains.find(({ name }) => name === chain);
    return found?.rules.map(({ text }) => text) ?? [];
  };
  return { ...all, rules };
}

test('beside a portal with a program of its own, only our interfaces have a front', async () => {
  const { kernel, rules } = await tableFor(own);
  assert.equal(rules('knock'), ['iifname "br-guest" jump guest']);
  assert.ok(rules('lead').includes('iifname "br-guest" tcp dport 80 redirect to :2080'));
  assert.not.ok([...rules('lead'), ...rules('police')].some((rule) => rule.includes('br-lan')));
  assert.ok(
    rules('strangers').some((rule) => rule.startsWith('iifname "br-guest" tcp dport { 443, 853 } reject')),
  );
  assert.equal([...kernel.elements.get('denied')!.keys()], [macOf(66)]);
});

test('where nobody is shut out and nothing is shared, no packet meets a rule about it', async () => {
  const { rules, wish, table } = await tableFor({ ...own, denied: [] });
  assert.not.ok(rules('police').some((rule) => rule.includes('denied')));
  assert.not.ok(rules('hold').some((rule) => rule.includes('shared')));
  wish.places = [own, { ...premises, exclusive: false }];
  await table.sync([]);
  assert.ok(rules('police').some((rule) => rule.includes('"br-guest" ether saddr @denied drop')));
  assert.is(rules('hold').filter((rule) => rule.includes('@shared')).length, 2);
});

test('when the last portal of our own is gone, so is its front, and sessions go on', async () => {
  const { kernel, wish, table, rules, move, told } = await tableFor(own);
  assert.ok(move('a', 'down', 300));
  wish.places = [premises];
  await table.sync([]);
  for (const chain of ['knock', 'lead', 'guest', 'ask']) assert.equal(rules(chain), [], chain);
  assert.not.ok(kernel.chains.some(({ name }) => name === 'lead'));
  assert.equal((await told()).get('a'), { up: 0, down: 300, spent: {} });
});

test('a device with a session is no guest, and is one again when it ends', async () => {
  const { kernel, wish, table } = await tableFor(own);
  const paid = () => [...kernel.elements.get('paid')!.keys()];
  assert.equal(paid(), [hold('a').mac]);
  assert.ok(table.passes(hold('a').mac));
  wish.put(hold('a', { live: false }));
  await table.sync(['a']);
  assert.equal(paid(), []);
  assert.not.ok(table.passes(hold('a').mac));
});

test('without a page nothing is led anywhere, and its port is not open', async () => {
  const { rules } = await tableFor({ ...own, front: { redirect: true, dns: 'router' } });
  assert.not.ok(rules('lead').some((rule) => rule.includes('redirect')));
  assert.not.ok(rules('guest').some((rule) => rule.startsWith('tcp dport')));
});

test('further ports of the customers’ server are open beside the page, and nothing is led there', async () => {
  const { rules } = await tableFor({ ...own, front: { ...own.front!, also: [2121] } });
  const open = rules('guest').filter((rule) => rule.startsWith('tcp dport'));
  assert.equal(open, ['tcp dport 2080 return', 'tcp dport 2121 return']);
  assert.not.ok(rules('lead').some((rule) => rule.includes('2121')));
});

test('a device without a session asks for names by UDP alone: a stream would carry any amount', async () => {
  const { rules } = await tableFor(own);
  const passing = rules('guest').filter((rule) => rule.includes('dport 53') && rule.endsWith('return'));
  assert.equal(passing, ['udp dport 53 return']);
  assert.ok(rules('guest').includes('meta l4proto tcp reject with tcp reset'));
});

test('names that are open to everybody have addresses of both families, which are led nowhere', async () => {
  const garden = { ports: [], addresses: ['203.0.113.9', 'fd03::9'] };
  const { kernel, rules } = await tableFor({ ...own, garden });
  assert.equal([...kernel.elements.get('garden4')!.keys()], ['203.0.113.9']);
  assert.equal([...kernel.elements.get('garden6')!.keys()], ['fd03::9']);
  assert.ok(rules('strangers').includes('iifname "br-guest" ip6 daddr @garden6 goto free'));
});

test('devices that look names up come and go in the kernel, and the table is not written for that', async () => {
  const { kernel, table } = await tableFor(own);
  kernel.elements.get('asking')!.set('02:00:00:00:00:77', '');
  const before = kernel.scripts.length;
  await table.audit();
  assert.is(kernel.scripts.length, before);
  assert.is(table.status.mended, 0);
});

test.run();
