import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RadiusAuthorizer, type RadiusAuthorizerParts } from '../../../src/authorizers/radius/authorizer.js';
import type { Mac } from '../../../src/domain/mac.js';
import type { Attribute } from '../../../src/radius/attributes.js';
import type { Outcome, RadiusRequest } from '../../../src/radius/client.js';
import { integerOf, textOf, valuesOf } from '../../../src/radius/find.js';
import type { MacForm } from '../../../src/radius/section.js';
import { at } from '../../radius/sessions.js';

const mac = '02:00:00:00:00:aa' as Mac;
const login = {
  session: 's1',
  mac,
  gateway: 'lan',
  address: '10.0.0.1',
  user: 'alice',
  password: 'wonderland',
};

function authorizer(reply: Outcome, over: Partial<RadiusAuthorizerParts> = {}) {
  const asked: (readonly Attribute[])[] = [];
  const client = {
    async request({ attributes }: RadiusRequest) {
      asked.push(typeof attributes === 'function' ? attributes() : attributes);
      return reply;
    },
  };
  const parts: RadiusAuthorizerParts = {
    client,
    nas: { identifier: 'nas', address: '192.0.2.1' },
    protocol: 'pap',
    devices: 2,
    wall: () => at,
    ...over,
  };
  return { asked, server: new RadiusAuthorizer(parts) };
}

const says = (code: number, ...attributes: Attribute[]): Outcome => ({
  ok: true,
  code,
  attributes,
  server: 'test',
});
const codeOf = (result: { ok: true } | { ok: false; code: string }) => (result.ok ? 'ok' : result.code);

test('an Access-Request says who, where, and for which session', async () => {
  const { server, asked } = authorizer(says(2));
  await server.authorize(login);
  const [list = []] = asked;
  assert.is(textOf(list, 'User-Name'), 'alice');
  assert.is(textOf(list, 'User-Password'), 'wonderland');
  assert.is(integerOf(list, 'Service-Type'), 1);
  assert.is(textOf(list, 'Acct-Session-Id'), 's1');
  assert.is(textOf(list, 'NAS-Identifier'), 'nas');
  assert.is(textOf(list, 'NAS-IP-Address'), '192.0.2.1');
  assert.is(textOf(list, 'Calling-Station-Id'), '02-00-00-00-00-AA');
  assert.is(textOf(list, 'Called-Station-Id'), 'nas:lan');
  assert.is(integerOf(list, 'NAS-Port-Type'), 19);
  assert.is(textOf(list, 'Framed-IP-Address'), '10.0.0.1');
});

test('a name for bills is asked for where the owner wants one, and goes with the session as it came', async () => {
  const cui = 'Chargeable-User-Identity';
  const { server, asked } = authorizer(says(2, [cui, Buffer.from([0xff, 1])]), { asksChargeable: true });
  const entered = await server.authorize(login);
  assert.equal(valuesOf(asked[0]!, cui), [Buffer.from([0])]);
  assert.ok(entered.ok);
  assert.is(entered.value.accounting.chargeable, '/wE=');
  const unwilling = authorizer(says(2, [cui, '\0']));
  const other = await unwilling.server.authorize(login);
  assert.equal(valuesOf(unwilling.asked[0]!, cui), []);
  assert.ok(other.ok && other.value.accounting.chargeable === undefined);
});

test('CHAP sends no password', async () => {
  const { server, asked } = authorizer(says(2), { protocol: 'chap' });
  await server.authorize(login);
  const [list = []] = asked;
  assert.equal(valuesOf(list, 'User-Password'), []);
  assert.is((valuesOf(list, 'CHAP-Password')[0] as Buffer).length, 17);
});

test('an Access-Accept becomes an authorization, each Class as it came', async () => {
  const { server } = authorizer(
    says(
      2,
      ['Class', Buffer.of(0, 255)],
      ['Class', Buffer.of(1)],
      ['User-Name', 'ALICE'],
      ['Session-Timeout', 60],
    ),
  );
  const answer = await server.authorize(login);
  assert.ok(answer.ok);
  assert.equal(answer.value, {
    user: 'ALICE',
    allotment: { millis: 60_000 },
    policy: { devices: 2, pauseAway: false },
    accounting: { classes: ['AP8=', 'AQ=='] },
  });
});

test('a reject, a challenge, a silence and an answer that cannot be read have codes of their own', async () => {
  const reject = await authorizer(says(3, ['Reply-Message', 'not\ntoday'])).server.authorize(login);
  assert.equal(reject, { ok: false, code: 'login_rejected', message: 'not today' });
  assert.is(codeOf(await authorizer(says(11)).server.authorize(login)), 'login_rejected');
  const silence: Outcome = { ok: false, reason: 'timeout', detail: 'radius1: 192.0.2.9 is silent' };
  assert.is(codeOf(await authorizer(silence).server.authorize(login)), 'login_timeout');
  const odd = says(2, ['Mikrotik-Rate-Limit', '?']);
  assert.is(codeOf(await authorizer(odd).server.authorize(login)), 'bad_authorization');
});

test('a customer gets in without a limit that cannot be read, and the owner is told', async () => {
  const told: unknown[] = [];
  const reply = says(
    2,
    ['Mikrotik-Rate-Limit', 'fast'],
    ['Mikrotik-Rate-Limit', '1M'],
    ['Session-Timeout', 60],
  );
  const { server } = authorizer(reply, { leftOut: (user, attribute) => told.push([user, ...attribute]) });
  const answer = await server.authorize(login);
  assert.ok(answer.ok);
  assert.equal(answer.value.allotment, { millis: 60_000 }, 'with those that can be read');
  assert.is(answer.value.policy.downRate, 1000);
  assert.equal(told, [['alice', 'Mikrotik-Rate-Limit', 'fast']]);
});

test('what a server says at length is read as one text, letters on the seam too', async () => {
  const short = [
    Buffer.from('Gesperrt f\u00fcr').subarray(0, 11),
    Buffer.from('Gesperrt f\u00fcr heute').subarray(11),
  ];
  const split = await authorizer(
    says(3, ...short.map((part) => ['Reply-Message', part] as const)),
  ).server.authorize(login);
  assert.is('message' in split && split.message, 'Gesperrt für heute');
  const two = await authorizer(says(3, ['Reply-Message', 'no'], ['Reply-Message', 'money'])).server.authorize(
    login,
  );
  assert.is('message' in two && two.message, 'no money');
});

test('to prove a password is not to log in', async () => {
  const { server, asked } = authorizer(says(2));
  await server.authenticate(login);
  assert.is(integerOf(asked[0]!, 'Service-Type'), 8);
});

/** A server that lets one in at a time, and somebody is in. `first`: what it looks at first. */
function onceOnly(first: 'password' | 'use') {
  const denied = says(3, ['Reply-Message', 'You are already logged in - access denied']);
  const client = {
    async request({ attributes }: RadiusRequest) {
      const list = typeof attributes === 'function' ? attributes() : attributes;
      const right = textOf(list, 'User-Password') === login.password;
      return right || first === 'use' ? denied : says(3);
    },
  };
  return authorizer(denied, { client }).server;
}

test('who is refused for being online already has the right password, and who guesses has not', async () => {
  const server = onceOnly('password');
  assert.is(codeOf(await server.authenticate(login)), 'ok');
  assert.is(codeOf(await server.authenticate({ ...login, password: 'guess' })), 'login_rejected');
});

test('a server that says so before it looks at the password proves nothing', async () => {
  const server = onceOnly('use');
  for (const password of [login.password, 'guess'])
    assert.is(codeOf(await server.authenticate({ ...login, password })), 'login_rejected');
});

test('who is online already is let in twice by no server that refuses it', async () => {
  assert.is(codeOf(await onceOnly('password').authorize(login)), 'login_rejected');
});

test('a device that logs in by its MAC writes it as its server wants it', async () => {
  const forms: readonly [MacForm, string][] = [
    ['lower-dash', '02-00-00-00-00-aa'],
    ['upper-colon', '02:00:00:00:00:AA'],
    ['lower-colon', '02:00:00:00:00:aa'],
    ['upper', '0200000000AA'],
    ['lower', '0200000000aa'],
  ];
  for (const [form, user] of forms) {
    const { server, asked } = authorizer(says(2), { macLogin: { form } });
    assert.equal(server.credentials({}, mac), { ok: true, value: { user, password: user } });
    await server.authorize({ ...login, user, password: user });
    assert.is(integerOf(asked[0]!, 'Service-Type'), 10, 'Call-Check');
    assert.is(textOf(asked[0]!, 'Calling-Station-Id'), '02-00-00-00-00-AA');
  }
  const { server } = authorizer(says(2), { macLogin: { form: 'lower', password: 'same for all' } });
  assert.equal(server.credentials({}, mac), {
    ok: true,
    value: { user: '0200000000aa', password: 'same for all' },
  });
});

test('a device logs in by its MAC where it may, and by no other device', async () => {
  const { server } = authorizer(says(2), { macLogin: { form: 'upper-dash' } });
  assert.equal(server.credentials({}, mac), {
    ok: true,
    value: { user: '02-00-00-00-00-AA', password: '02-00-00-00-00-AA' },
  });
  for (const user of ['02-00-00-00-00-AB', '02:00:00:00:00:ab', '0200000000ab']) {
    assert.is(codeOf(server.credentials({ user, password: user }, mac)), 'bad_payment', user);
  }
  assert.is(
    codeOf(authorizer(says(2)).server.credentials({}, mac)),
    'bad_payment',
    'and not where it may not',
  );
});

test('names and passwords that cannot be sent are refused before anybody is asked', () => {
  const { server } = authorizer(says(2));
  const bad: [unknown, unknown][] = [
    [undefined, 'x'],
    ['', 'x'],
    ['a\nb', 'x'],
    ['a'.repeat(254), 'x'],
    ['ä'.repeat(127), 'x'],
    ['alice', undefined],
    ['alice', ''],
    ['alice', 'ä'.repeat(65)],
    [7, 'x'],
  ];
  for (const [user, password] of bad)
    assert.is(codeOf(server.credentials({ user, password }, mac)), 'bad_payment');
  assert.is(codeOf(server.credentials({ user: 'a'.repeat(253), password: 'x' }, mac)), 'ok');
  assert.is(codeOf(server.credentials({ user: 'DOM\\alice', password: 'p w' }, mac)), 'ok');
});

test.run();
