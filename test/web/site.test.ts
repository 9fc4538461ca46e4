// What a customer sees and does on the pages, without a script.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mac } from '../engine/world.js';
import { fieldOf, join, type Stage, stage } from './stage.js';

const test = suite<{ s: Stage }>('pages');
test.before.each(async (c) => {
  c.s = await stage();
});
test.after.each((c) => c.s.end());

async function codes({ w }: Stage, plan: string, count = 1): Promise<readonly string[]> {
  const made = await w.desk.create({ plan, count, reuse: true, key: `v ${plan}` });
  assert.ok(made.ok);
  return made.value.codes;
}

test('a phone that joins sees every plan that is for sale with its price, and none that is not', async ({
  s,
}) => {
  await join(s, 1);
  for (const path of ['/', '/?fas=aGlkPTEy', '/hotspot-detect.html']) {
    const { status, body } = await s.ask(1, path);
    assert.is(status, 200);
    for (const words of ['Data, 10 MB a step', '10 MB for $0.05', 'One day or 1 GB', '20 Mb/s', 'Free']) {
      assert.match(body, words);
    }
    assert.not.match(body, 'Not for sale');
  }
});

test('a voucher typed in any form opens the gate, and the phone is told what is left', async ({ s }) => {
  await join(s, 1);
  const [code] = await codes(s, 'data');
  const typed = ` ${code!.toLowerCase().replace('-', ' ')} `;
  const { status, location } = await s.post(1, '/voucher', { code: typed });
  assert.equal([status, location], [303, '/status']);
  const { body } = await s.ask(1, '/status');
  assert.match(body, 'You are online.');
  assert.match(body, '10 MB of 10 MB left');
  s.w.portal.carry(mac(1), 4_000_000, 0);
  await s.w.clock.pass(1_001);
  assert.match((await s.ask(1, '/')).body, '6 MB of 10 MB left', 'the first page says so, too');
});

test('a wrong code is told in words, and so is the time to wait', async ({ s }) => {
  await join(s, 1);
  assert.match(
    (await s.post(1, '/voucher', { code: 'WRNGC-WRNGC' })).body,
    'There is no voucher with this code',
  );
  for (let n = 0; n < 5; n += 1) await s.post(1, '/voucher', { code: 'WRNGC-WRNGC' });
  assert.match((await s.post(1, '/voucher', { code: 'WRNGC-WRNGC' })).body, /Try again in \d+ (sec|min)/);
  assert.not.match(s.log.join('\n'), 'WRNGC');
});

test('at the cap the page says what ended and sells the next one', async ({ s }) => {
  await join(s, 1);
  const [code] = await codes(s, 'data');
  await s.post(1, '/voucher', { code: code! });
  s.w.portal.carry(mac(1), 10_000_000, 0);
  await s.w.clock.pass(2_002);
  const probe = await s.ask(1, '/news', { headers: { Host: 'news.example.net' } });
  assert.is(probe.status, 302);
  const { body } = await s.ask(1, probe.location!.replace(s.origin, ''));
  assert.match(body, 'Your data is used up.');
  assert.match(body, 'Data, 10 MB a step');
});

test('a method with a form sells the steps that were chosen, once however often the form is sent', async ({
  s,
}) => {
  await join(s, 1);
  const { body } = await s.ask(1, '/plan/data?steps=3');
  assert.match(body, '$0.15');
  const order = { plan: 'data', steps: '3', method: 'token', key: fieldOf(body, 'key'), currency: 'USD' };
  const refused = await s.post(1, '/buy', { ...order, code: 'bad' });
  assert.match(refused.body, 'The payment was not taken.');
  const again = { ...order, key: fieldOf(refused.body, 'key'), code: 'good' };
  for (let n = 0; n < 2; n += 1) assert.is((await s.post(1, '/buy', again)).location, '/status');
  assert.match((await s.ask(1, '/')).body, '30 MB of 30 MB left');
});

test('nobody sells themselves access for cash', async ({ s }) => {
  await join(s, 1);
  const order = { plan: 'data', steps: '1', method: 'cash', key: 'k', paid: '0.05', reference: 'x' };
  const { body } = await s.post(1, '/buy', order);
  assert.match(body, 'The payment was not taken.');
  assert.is(s.w.engine.accounts.book.runningOfMac(mac(1)).length, 0);
});

test('the cashier is shown a short code, by which they find the device', async ({ s }) => {
  await join(s, 1);
  const { body } = await s.ask(1, '/plan/data');
  const [, code] = /class="k" dir="ltr">([^<]+)</.exec(body)!;
  assert.equal(s.shop.find(code!), [mac(1)]);
  assert.not.match(body, mac(1));
});

test('a free plan starts with one button, once a day', async ({ s }) => {
  await join(s, 1);
  const { body } = await s.ask(1, '/plan/taste');
  const order = (key: string) => ({ plan: 'taste', steps: '1', method: 'free', key });
  assert.is((await s.post(1, '/buy', order(fieldOf(body, 'key')))).location, '/status');
  await s.post(1, '/leave', {});
  assert.match((await s.post(1, '/buy', order('k2'))).body, 'You have had your free access.');
  const later = await s.ask(1, '/plan/taste');
  assert.match(later.body, /You can have it again in \d+ (hr|min|sec)/);
  assert.not.match(later.body, '<form method="post"');
});

test('who leaves is told what stays on the voucher, and the rest is there for the next time', async ({
  s,
}) => {
  await join(s, 1);
  const [code] = await codes(s, 'data');
  await s.post(1, '/voucher', { code: code! });
  s.w.portal.carry(mac(1), 4_000_000, 0);
  await s.w.clock.pass(1_001);
  assert.match((await s.ask(1, '/leave')).body, 'What is left stays on your voucher.');
  assert.match((await s.post(1, '/leave', {})).body, 'What is left stays on your voucher.');
  await s.post(1, '/voucher', { code: code! });
  assert.match((await s.ask(1, '/')).body, '6 MB of 6 MB left');
});

test('what is left goes to another device by a code, and the first one is out', async ({ s }) => {
  for (const phone of [1, 2]) await join(s, phone);
  const [code] = await codes(s, 'data');
  await s.post(1, '/voucher', { code: code! });
  const { body } = await s.post(1, '/carry', {});
  assert.match(body, 'The code is good for 15 min.');
  const [, shown] = /class="k" dir="ltr">([^<]+)</.exec(body)!;
  assert.match((await s.post(2, '/carried', { code: 'WRNGC-WRNGC' })).body, 'There is no such code');
  assert.is((await s.post(2, '/carried', { code: shown! })).location, '/status');
  assert.match((await s.ask(2, '/')).body, '10 MB of 10 MB left');
  assert.match((await s.ask(1, '/')).body, '<h1>Prices</h1>');
});

test('a plan that only a later method takes is for sale at that method’s price', async ({ s }) => {
  const { body } = await s.ask(1, '/');
  assert.match(body, 'In tokens');
  assert.match(body, '10 MB for 21 SAT');
});

test('one customer sees and ends nothing of another', async ({ s }) => {
  for (const phone of [1, 2]) await join(s, phone);
  const [code] = await codes(s, 'data');
  await s.post(1, '/voucher', { code: code! });
  const other = await s.ask(2, `/?mac=${mac(1)}&id=1`, { headers: { Cookie: `mac=${mac(1)}` } });
  assert.not.match(other.body, 'left');
  assert.not.match(other.body, mac(1));
  await s.post(2, '/leave', { mac: mac(1) });
  assert.match((await s.ask(1, '/')).body, 'You are online.');
});

test('a device that cannot be told is told why, and can do nothing', async ({ s }) => {
  const [code] = await codes(s, 'data');
  const { body } = await s.ask(250, '/');
  assert.match(body, 'This page cannot tell which device you are.');
  assert.match((await s.post(250, '/voucher', { code: code! })).body, 'cannot tell which device');
});

test('after buying, the page leads to where the customer wanted to go, and to no script', async ({ s }) => {
  await join(s, 1);
  const [code] = await codes(s, 'data');
  const fas = Buffer.from('hid=12, clientip=10.0.0.1, originurl=http%3a%2f%2fnews.example.net%2f').toString(
    'base64',
  );
  const { body } = await s.ask(1, `/voucher?fas=${encodeURIComponent(fas)}`);
  const action = /action="([^"]*)"/.exec(body)![1]!;
  const { location } = await s.post(1, action, { code: code! });
  assert.match((await s.ask(1, location!)).body, 'href="http://news.example.net/"');
  for (const bad of ['javascript:alert(1)', 'http://a:b@x.example.net/', 'data:text/html,x']) {
    assert.not.match((await s.ask(1, `/?to=${encodeURIComponent(bad)}`)).body, 'class="b" href="javascript');
    assert.not.match((await s.ask(1, `/?to=${encodeURIComponent(bad)}`)).body, bad.slice(0, 12));
  }
});

test('after nodogsplash’s page, too, which says in its own address where they wanted to go', async ({
  s,
}) => {
  await join(s, 1);
  const [code] = await codes(s, 'data');
  const cameFrom = async (splash: string) => {
    const headers = { Referer: `${splash}?redir=${encodeURIComponent('http://news.example.net/')}` };
    return /action="([^"]*)"/.exec((await s.ask(1, '/voucher', { headers })).body)![1]!;
  };
  assert.is(await cameFrom('http://evil.example.net/turnpike.html'), '/voucher');
  const { location } = await s.post(1, await cameFrom('http://127.0.0.1:2050/turnpike.html'), {
    code: code!,
  });
  assert.match((await s.ask(1, location!)).body, 'href="http://news.example.net/"');
});

test('no customer is sent on to the router itself, or to the address where a phone looks whether it is online', async ({
  s,
}) => {
  await join(s, 1);
  const [code] = await codes(s, 'data');
  await s.post(1, '/voucher', { code: code! });
  const isLed = async (to: string) =>
    (await s.ask(1, `/status?to=${encodeURIComponent(to)}`)).body.includes('Go on to the Internet');
  for (const to of [
    ...['http://127.0.0.1/', 'http://127.0.0.1:8080/cgi-bin/luci', 'http://0x7f.1/'],
    ...['http://connectivitycheck.gstatic.com/generate_204', 'http://captive.apple.com/hotspot-detect.html'],
    ...['http://www.msftconnecttest.com/redirect', 'http://detectportal.firefox.com/canonical.html'],
  ])
    assert.is(await isLed(to), false, to);
  for (const to of ['http://news.example.net/', 'http://203.0.113.2/a?b=1', 'http://[2001:db8::1]/'])
    assert.ok(await isLed(to), to);
});

test('what the owner wrote is shown as it is, and is never taken for HTML', async () => {
  const evil = `<script>alert("1")</script> & 'more'`;
  const s = await stage({ name: evil, contact: evil, whereToBuy: evil });
  const { body } = await s.ask(1, '/');
  const shown = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;';
  assert.is(body.split(shown).length, 5, 'title, header, contact and where to buy');
  assert.not.match(body, '<script>');
  await s.end();
});

test('no page has a script in it, sets a cookie or can be framed', async ({ s }) => {
  await join(s, 1);
  for (const path of ['/', '/plan/data', '/voucher', '/login', '/terms', '/prices', '/leave', '/plan/none']) {
    const { status, headers, body } = await s.ask(1, path);
    assert.is(status, 200, path);
    assert.is(headers['set-cookie'], undefined);
    const policy = headers['content-security-policy'] as string;
    assert.match(policy, "script-src 'self'");
    assert.match(policy, "frame-ancestors 'none'");
    assert.not.match(body, /<script(?! src="\/page.js")| on[a-z]+="| style="/, path);
  }
});

test('phones read from RFC 8908 how they stand, to the second and to the byte', async ({ s }) => {
  await join(s, 1);
  const api = async () => {
    const { headers, body } = await s.ask(1, '/captive-portal/api');
    assert.is(headers['content-type'], 'application/captive+json');
    assert.match(headers['cache-control'] as string, 'private');
    return JSON.parse(body) as Record<string, unknown>;
  };
  const pages = `${s.origin}/`;
  assert.equal(await api(), { captive: true, 'user-portal-url': pages });
  const [code] = await codes(s, 'day');
  await s.post(1, '/voucher', { code: code! });
  s.w.portal.carry(mac(1), 1_234, 0);
  await s.w.clock.pass(10_000);
  assert.equal(await api(), {
    ...{ captive: false, 'user-portal-url': pages, 'can-extend-session': true },
    ...{ 'seconds-remaining': 86_390, 'bytes-remaining': 999_998_766 },
  });
});

test('terms that are no file are said to be a fault of the shop’s, and are not read without end', async () => {
  const odd = await stage({ terms: '/dev/zero' });
  try {
    assert.is((await odd.ask(1, '/terms')).status, 500);
    assert.match(odd.log.join(), '/dev/zero is no file');
    assert.is((await odd.ask(1, '/prices')).status, 200);
  } finally {
    await odd.end();
  }
});

test('a logo and terms that are not there are said once, and again when that changes', async () => {
  const folder = mkdtempSync(pathOf(tmpdir(), 'turnpike-page-'));
  const [logo, terms] = [pathOf(folder, 'logo.png'), pathOf(folder, 'terms.txt')];
  const s = await stage({ logo, terms });
  try {
    for (let n = 0; n < 3; n += 1) {
      assert.is((await s.ask(1, '/logo')).status, 404);
      assert.match((await s.ask(1, '/terms')).body, 'ask the owner');
    }
    const missing = [logo, terms].map(
      (path) => `error page: ${path} cannot be shown: no such file or directory`,
    );
    assert.equal(
      s.log.filter((line) => line.startsWith('error')),
      missing,
    );
    writeFileSync(logo, 'x');
    writeFileSync(terms, 'Be kind.');
    assert.is((await s.ask(1, '/logo')).status, 200);
    assert.match((await s.ask(1, '/terms')).body, 'Be kind.');
    rmSync(logo);
    for (let n = 0; n < 3; n += 1) await s.ask(1, '/logo');
    assert.equal(
      s.log.filter((line) => line.startsWith('error')),
      [...missing, missing[0]],
    );
  } finally {
    await s.end();
    rmSync(folder, { recursive: true });
  }
});

test.run();
