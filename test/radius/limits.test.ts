import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Attribute } from '../../src/radius/attributes.js';
import { limitsOf } from '../../src/radius/limits.js';
import fc from '../rig/properties.js';
import { at } from './sessions.js';

const read = (...attributes: Attribute[]) => limitsAt(at, ...attributes);

function limitsAt(now: number, ...attributes: Attribute[]) {
  const result = limitsOf(attributes, now);
  if (!result.ok) throw new Error(`${result.attribute} cannot be read`);
  return result.limits;
}

test('each vendor names the directions in its way; Input and Recv are from the client', () => {
  assert.equal(read(['ChilliSpot-Max-Input-Octets', 5], ['ChilliSpot-Max-Output-Octets', 6]).allotment, {
    upBytes: 5,
    downBytes: 6,
  });
  assert.equal(read(['Mikrotik-Recv-Limit', 7], ['Mikrotik-Xmit-Limit', 8]).allotment, {
    upBytes: 7,
    downBytes: 8,
  });
  assert.equal(read(['Mikrotik-Total-Limit', 9]).allotment, { bytes: 9 });
  const wispr = read(['WISPr-Bandwidth-Max-Up', 512_000], ['WISPr-Bandwidth-Max-Down', 2_000_000]);
  assert.equal(wispr.policy, { upRate: 512, downRate: 2000 });
  const chilli = read(['ChilliSpot-Bandwidth-Max-Up', 64], ['ChilliSpot-Bandwidth-Max-Down', 128]);
  assert.equal(chilli.policy, { upRate: 64, downRate: 128 });
});

test('octets and gigawords of any size add up exactly, as far as can be counted', () => {
  const word = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(
    fc.property(word, word, (low, high) => {
      const all = (BigInt(high) << 32n) + BigInt(low);
      const most = BigInt(Number.MAX_SAFE_INTEGER);
      const { allotment } = read(
        ['ChilliSpot-Max-Total-Octets', low],
        ['ChilliSpot-Max-Total-Gigawords', high],
      );
      assert.is(allotment.bytes, all === 0n ? undefined : Number(all > most ? most : all));
    }),
  );
  assert.equal(read(['Mikrotik-Total-Limit-Gigawords', 1]).allotment, { bytes: 2 ** 32 }, 'gigawords alone');
});

test('of two that limit the same thing the tighter one counts, and 0 is no limit', () => {
  const both = read(['ChilliSpot-Max-Total-Octets', 10], ['Mikrotik-Total-Limit', 9], ['Session-Timeout', 0]);
  assert.equal(both.allotment, { bytes: 9 });
  const rates = read(['WISPr-Bandwidth-Max-Down', 64_000], ['Mikrotik-Rate-Limit', '1M/2M']);
  assert.equal(rates.policy, { upRate: 1000, downRate: 64 });
  assert.equal(read().allotment, {});
});

test('times: of the session, of idleness, between interims of a minute at the least, and of the day', () => {
  const { allotment, policy, accounting } = read(
    ['Session-Timeout', 60],
    ['Idle-Timeout', 30],
    ['Acct-Interim-Interval', 10],
    ['WISPr-Session-Terminate-Time', new Date(at + 90_000).toISOString()],
    ['Port-Limit', 3],
  );
  assert.equal(allotment, { millis: 60_000, validity: 90_000 });
  assert.equal(policy, { idleTimeout: 30_000, devices: 3 });
  assert.equal(accounting, { interim: 60_000 });
  const past = read(['WISPr-Session-Terminate-Time', new Date(at - 1).toISOString()]);
  assert.equal(past.allotment, { validity: 1 }, 'over at once, and not unlimited');
});

test('rates of MikroTik: rx is from the client, one stands for both, bursts are not used', () => {
  const rates = (text: string) => read(['Mikrotik-Rate-Limit', text]).policy;
  assert.equal(rates('512k/2M'), { upRate: 512, downRate: 2000 });
  assert.equal(rates('1G'), { upRate: 1_000_000, downRate: 1_000_000 });
  assert.equal(rates('64000/128000 256k/512k 32k/64k 8/8 5'), { upRate: 64, downRate: 128 });
  assert.equal(rates('0/5'), { downRate: 1 }, 'never nothing');
});

test('rates of MikroTik in the forms that panels write: units in either case, fractions, bursts', () => {
  const forms: [string, number, number][] = [
    ['1m/2m', 1000, 2000],
    ['64K/128K', 64, 128],
    ['1.5M/3M', 1500, 3000],
    ['1g', 1_000_000, 1_000_000],
    ['1M / 2M', 1000, 2000],
    ['1M 2M', 1000, 1000],
    ['1M/2M 2M/4M', 1000, 2000],
    ['1M/2M 2M/4M 750k/1.5M', 1000, 2000],
    ['1M/2M 2M/4M 750k/1.5M 8/8 8 256k/512k', 1000, 2000],
  ];
  for (const [text, upRate, downRate] of forms)
    assert.equal(read(['Mikrotik-Rate-Limit', text]).policy, { upRate, downRate }, text);
});

test('a time of the day is read with separators and without, in any zone', () => {
  const forms = [
    '2026-09-21T18:33:20Z',
    '20260921T183320Z',
    '20260921183320Z',
    '20260921T203320+0200',
    '20260921T203320+02',
    '2026-09-21T18:33:20+0000',
    '2026-09-21 18:33:20Z',
    '20260921T1833Z',
  ];
  const end = Date.parse('2026-09-21T18:33:20Z');
  for (const text of forms) {
    const { allotment } = limitsAt(end - 60_000, ['WISPr-Session-Terminate-Time', text]);
    assert.is(allotment.validity, text.endsWith('1833Z') ? 40_000 : 60_000, text);
  }
  const local = limitsAt(end - 60_000, ['WISPr-Session-Terminate-Time', '20260921183320']);
  const same = limitsAt(end - 60_000, ['WISPr-Session-Terminate-Time', '2026-09-21T18:33:20']);
  assert.equal(local, same, "without a zone it is the router's own time");
});

test('a number or a day that is none is no time', () => {
  for (const text of ['', '0', '1', '20260921', '1790000000', '20261341T000000Z', '20260921T256000Z'])
    assert.not(limitsOf([['WISPr-Session-Terminate-Time', text]], at).ok, text);
  assert.not(limitsOf([['Mikrotik-Rate-Limit', Buffer.of(0xff)]], at).ok);
});

test('what says nothing sensible is named, and limits nothing', () => {
  for (const text of ['', 'fast', '1M/', '-1/2', '1T/2T', '1M/2M/3M']) {
    assert.equal(
      limitsOf([['Mikrotik-Rate-Limit', text]], at),
      { ok: false, attribute: 'Mikrotik-Rate-Limit' },
      text,
    );
  }
  const when = limitsOf([['WISPr-Session-Terminate-Time', 'soon']], at);
  assert.equal(when, { ok: false, attribute: 'WISPr-Session-Terminate-Time' });
});

test.run();
