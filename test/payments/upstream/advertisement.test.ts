// What a seller's answers are read as, and what no seller can have the router believe.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { changeIn, eventOf, offerIn, usageIn } from '../../../src/payments/upstream/advertisement.js';
import { gatewayIn } from '../../../src/payments/upstream/gateway.js';
import { Identity } from '../../../src/web/tollgate/event.js';

const seller = new Identity(Buffer.alloc(32, 7));
const mint = 'https://mint.example';
const terms = { mints: [mint], unit: 'sat' };
const price = (...more: string[]) => ['price_per_step', 'cashu', '10', 'sat', `${mint}/`, ...more];
const list = [['metric', 'bytes'], ['step_size', '1000'], ['step_purchase_limits', '2', '100'], price('3')];

function said(tags: readonly (readonly string[])[], kind = 10021): string {
  return JSON.stringify(seller.sign({ kind, tags }, 1_790_000_000_000));
}

const codeOf = (text: string, over: object = {}) => {
  const read = offerIn(text, { ...terms, ...over });
  return read.ok ? 'sold' : read.code;
};

test('a price list says metric, step, price and how much is sold at least and at most', () => {
  assert.equal(offerIn(said(list), terms), {
    ok: true,
    value: {
      ...{ pubkey: seller.pubkey, metric: 'bytes', stepSize: 1000, stepPrice: 10 },
      ...{ mint, least: 3, most: 100 },
    },
  });
  const read = offerIn(said([['metric', 'milliseconds'], ['step_size', '60000'], price()]), terms);
  assert.equal(read.ok && [read.value.least, read.value.most], [1, Number.MAX_SAFE_INTEGER]);
});

test('a price list whose signature, id or signer is not right is not believed', () => {
  const event = JSON.parse(said(list));
  for (const over of [{ content: 'x' }, { sig: '0'.repeat(128) }, { id: '1'.repeat(64) }, { tags: [] }]) {
    assert.is(codeOf(JSON.stringify({ ...event, ...over })), 'bad_upstream', JSON.stringify(over));
  }
  assert.is(codeOf(said(list), { key: seller.pubkey }), 'sold');
  assert.is(codeOf(said(list), { key: 'ab'.repeat(32) }), 'bad_upstream');
  for (const text of ['', 'null', '[]', '{', '{"tags":[1]}', '<html>'])
    assert.is(codeOf(text), 'bad_upstream');
});

test('nothing is bought for odd prices, or with money of another mint', () => {
  for (const odd of ['0', '-1', '1.5', 'NaN', '', '1e99', '2000000000']) {
    const tags = [
      ['metric', 'bytes'],
      ['step_size', '1000'],
      ['price_per_step', 'cashu', odd, 'sat', mint, '1'],
    ];
    assert.is(codeOf(said(tags)), 'foreign_mint', odd);
  }
  assert.is(codeOf(said(list), { mints: ['https://other.example'] }), 'foreign_mint');
  assert.is(codeOf(said(list), { unit: 'usd' }), 'foreign_mint');
  assert.is(codeOf(said([['metric', 'smiles'], ['step_size', '1'], price()])), 'bad_upstream');
  assert.is(codeOf(said(list, 1022)), 'bad_upstream');
});

test('change and usage are read, and what is none is left', () => {
  const event = eventOf(said([['change', 'cashuBx', '4', 'SAT'], ['change'], ['metric', 'bytes']], 1022));
  assert.equal(event && changeIn(event), ['cashuBx']);
  assert.equal(usageIn('12/34\n'), { used: 12, allotment: 34 });
  assert.equal(usageIn('-1/-1'), { used: 0, allotment: 0 });
  for (const text of ['-1/5', '1/2/3', '', '1e3/4', '9'.repeat(20)])
    assert.is(usageIn(text), undefined, text);
});

test('the seller is the gateway of the default route with the least metric', () => {
  const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
  const row = (to: string, via: string, flags: string, metric: number, mask: string) =>
    `wan\t${to}\t${via}\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0\n`;
  const table = [
    row('00000000', '0100A8C0', '0003', 20, '00000000'),
    row('00000000', '01010A0A', '0003', 10, '00000000'),
    row('0001A8C0', '00000000', '0001', 0, '00FFFFFF'),
    row('00000000', '00000000', '0001', 0, '00000000'),
  ];
  assert.is(gatewayIn(head + table.join('')), '10.10.1.1');
  assert.is(gatewayIn(head + table.slice(2).join('')), undefined);
  assert.is(gatewayIn(''), undefined);
});

test.run();
