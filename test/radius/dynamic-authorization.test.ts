// Disconnect- and CoA-Requests: what reaches the handler, and what goes back.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Attribute } from '../../src/radius/attributes.js';
import { errorCause, packetCode } from '../../src/radius/code.js';
import {
  DynamicAuthorization,
  type DynamicAuthorizationAnswer,
  type DynamicAuthorizationOptions,
  type DynamicAuthorizationRequest,
} from '../../src/radius/dynamic-authorization.js';
import { integerOf, valuesOf } from '../../src/radius/find.js';
import { encodeRequest } from '../../src/radius/packet.js';
import { checkReply } from '../../src/radius/reply.js';
import { TestClock } from '../rig/clock.js';
import { attributesOf, secret } from './network.js';

const from = { address: '192.0.2.1', port: 40_000 };

function setup(options: Partial<DynamicAuthorizationOptions> = {}) {
  const clock = new TestClock(0);
  const handled: DynamicAuthorizationRequest[] = [];
  const handle = async (request: DynamicAuthorizationRequest): Promise<DynamicAuthorizationAnswer> => {
    handled.push(request);
    return { ack: true };
  };
  const server = new DynamicAuthorization({
    clients: [{ address: '192.0.2.1', secret }],
    clock,
    handle,
    ...options,
  });
  const ask = async (datagram: Buffer, source = from): Promise<Buffer | undefined> => {
    const replies: Buffer[] = [];
    await server.receive(datagram, source, (bytes) => replies.push(bytes));
    assert.ok(replies.length <= 1);
    return replies[0];
  };
  const now = (): Attribute => ['Event-Timestamp', Math.floor(clock.wall() / 1000)];
  return { clock, server, handled, ask, now };
}

const request = (
  attributes: readonly Attribute[],
  extra: Partial<Parameters<typeof encodeRequest>[0]> = {},
) => encodeRequest({ code: packetCode.disconnectRequest, identifier: 7, attributes, secret, ...extra });

/** The reply holds for the request, and has this code; its attributes. */
function verified(reply: Buffer | undefined, asked: Buffer, code: number): readonly Attribute[] {
  assert.ok(reply, 'there is a reply');
  const checked = checkReply(reply, asked, secret, 'require');
  assert.ok(checked.ok && checked.code === code, JSON.stringify(checked));
  return checked.attributes;
}

test('a request reaches the handler with all its attributes, and is acknowledged', async () => {
  const { handled, ask, now } = setup();
  const asked = request([['User-Name', 'nemo'], now()]);
  assert.equal(verified(await ask(asked), asked, packetCode.disconnectAck), []);
  assert.equal(handled, [{ code: 'disconnect', attributes: [['User-Name', 'nemo'], now()], from }]);
  const coa = request([now(), ['Session-Timeout', 60]], { code: packetCode.coaRequest });
  verified(await ask(coa), coa, packetCode.coaAck);
  assert.is(handled[1]?.code, 'coa');
});

test('a refusal is a NAK with its Error-Cause', async () => {
  const handle = async () => ({ ack: false, cause: errorCause.sessionContextNotFound }) as const;
  const { ask, now, server } = setup({ handle });
  const asked = request([now()]);
  assert.equal(verified(await ask(asked), asked, packetCode.disconnectNak), [['Error-Cause', 503]]);
  assert.equal([server.counters.acks, server.counters.naks], [0, 1]);
});

test('State and every Proxy-State go back as they came, behind the Message-Authenticator', async () => {
  const handle = async () => ({ ack: true, attributes: [['User-Name', 'nemo']] as Attribute[] }) as const;
  const { ask, now } = setup({ handle });
  const proxies: Attribute[] = [1, 2, 1].map((n) => ['Proxy-State', Buffer.alloc(n, n)]);
  const asked = request([proxies[0]!, now(), ['State', Buffer.from('s')], proxies[1]!, proxies[2]!], {
    messageAuthenticator: true,
  });
  const reply = (await ask(asked))!;
  assert.is(reply[20], 80);
  const back = verified(reply, asked, packetCode.disconnectAck);
  assert.equal(back.slice(1), [
    ['User-Name', 'nemo'],
    proxies[0],
    ['State', Buffer.from('s')],
    proxies[1],
    proxies[2],
  ]);
});

test('where it may lack its time, an order needs a Message-Authenticator, and its repeat has no effect', async () => {
  const { ask, handled, server, clock } = setup({ eventTimestamp: 'signed' });
  assert.is(await ask(request([['User-Name', 'nemo']])), undefined);
  assert.is(server.counters.dropped.no_event_timestamp, 1);
  const signed = request([['User-Name', 'nemo']], { messageAuthenticator: true });
  verified(await ask(signed), signed, packetCode.disconnectAck);
  await clock.pass(600_000);
  verified(await ask(signed), signed, packetCode.disconnectAck);
  assert.is(handled.length, 1);
  const old = request([['Event-Timestamp', 1]], { messageAuthenticator: true });
  assert.is(await ask(old), undefined, 'one that is there must be right');
});

test('500 orders at once are all carried out, and each is acknowledged when its gate is shut', async () => {
  let shut = () => {};
  const gates = new Promise<void>((resolve) => {
    shut = resolve;
  });
  let handled = 0;
  const handle = async () => {
    handled += 1;
    await gates;
    return { ack: true } as const;
  };
  const { ask, now, server } = setup({ handle });
  const asked = Array.from({ length: 500 }, (_, n) =>
    request([['Acct-Session-Id', `s${n}`], now()], { identifier: n % 256 }),
  );
  const replies = asked.map((bytes) => ask(bytes));
  assert.equal([handled, server.counters.acks], [500, 0]);
  shut();
  for (const [n, reply] of (await Promise.all(replies)).entries())
    verified(reply, asked[n]!, packetCode.disconnectAck);
});

test('who is not known, who cannot sign and what is no request get no reply', async () => {
  const { ask, now, server, handled } = setup();
  const good = request([now()]);
  const cut = good.subarray(0, good.length - 1);
  const flipped = Buffer.from(good);
  flipped[21]! ^= 1;
  const badMessage = request([['Message-Authenticator', Buffer.alloc(15)], now()]);
  const cases: [Buffer, string, typeof from?][] = [
    [good, 'stranger', { address: '192.0.2.2', port: 40_000 }],
    [cut, 'malformed'],
    [Buffer.alloc(0), 'malformed'],
    [flipped, 'bad_authenticator'],
    [request([now()], { secret: Buffer.from('guess') }), 'bad_authenticator'],
    [badMessage, 'bad_message_authenticator'],
    [request([now()], { code: packetCode.accountingRequest }), 'unknown_code'],
    [request([['Attr-27', Buffer.alloc(2)], now()]), 'malformed'],
  ];
  for (const [bytes, fault, source] of cases) {
    const before = { ...server.counters.dropped } as Record<string, number>;
    assert.is(await ask(bytes, source), undefined, fault);
    assert.is((server.counters.dropped as Record<string, number>)[fault], before[fault]! + 1, fault);
  }
  assert.is(handled.length, 0);
});

test('the sender is known by its address however that is written', async () => {
  const clients = [
    { address: '192.0.2.1', secret },
    { address: '2001:DB8:0::1', secret },
  ];
  const { ask, now } = setup({ clients });
  const asked = (n: number) => request([now(), ['NAS-Port', n]]);
  for (const [n, address] of ['::ffff:192.0.2.1', '2001:db8::1', '2001:db8::1%eth0'].entries())
    assert.ok(await ask(asked(n), { address, port: 1 }), address);
});

test('an Event-Timestamp counts for 300 s either way, and may be wanted or not', async () => {
  const { clock, ask, server } = setup();
  const at = (seconds: number): Attribute => ['Event-Timestamp', Math.floor(clock.wall() / 1000) + seconds];
  for (const seconds of [-300, 0, 300]) assert.ok(await ask(request([at(seconds)])), `${seconds}`);
  for (const seconds of [-301, 301]) assert.not.ok(await ask(request([at(seconds)])), `${seconds}`);
  assert.not.ok(await ask(request([at(0), at(301)])), 'every one of them counts');
  assert.not.ok(await ask(request([])));
  assert.equal([server.counters.dropped.stale, server.counters.dropped.no_event_timestamp], [3, 1]);
  const free = setup({ eventTimestamp: 'auto' });
  assert.ok(await free.ask(request([])));
  assert.not.ok(await free.ask(request([at(400)])), 'one that is there is checked');
});

test('a Message-Authenticator may be wanted', async () => {
  const { ask, now, server } = setup({ messageAuthenticator: 'require' });
  assert.not.ok(await ask(request([now()])));
  assert.is(server.counters.dropped.no_message_authenticator, 1);
  assert.ok(await ask(request([now()], { messageAuthenticator: true })));
});

test('a request that comes again gets the same reply, from anywhere, and is handled once', async () => {
  const { clock, ask, now, handled, server } = setup();
  const asked = request([now()]);
  const first = await ask(asked);
  await clock.pass(299_000);
  for (const port of [40_000, 40_001]) assert.equal(await ask(asked, { ...from, port }), first);
  assert.is(handled.length, 1);
  assert.is(server.counters.repeats, 2);
  const changed = Buffer.from(asked);
  changed[1] = 8;
  assert.is(await ask(changed), undefined, 'another identifier is another digest');
  await clock.pass(2_000);
  assert.is(await ask(asked), undefined, 'it is stale before its reply is forgotten');
  assert.is(handled.length, 1);
});

test('a request that comes again while it is under way is answered by the one reply', async () => {
  let finish = (_: DynamicAuthorizationAnswer) => {};
  let calls = 0;
  const handle = () => {
    calls += 1;
    return new Promise<DynamicAuthorizationAnswer>((resolve) => {
      finish = resolve;
    });
  };
  const { ask, now } = setup({ handle, mostReplies: 1, mostUnderWay: 1 });
  const asked = request([now()]);
  const first = ask(asked);
  assert.ok(await ask(request([now()], { identifier: 8 })), 'this one is one too many');
  assert.is(await ask(asked), undefined, 'it is not forgotten for it');
  finish({ ack: true });
  verified(await first, asked, packetCode.disconnectAck);
  assert.equal(await ask(asked), await first);
  assert.is(calls, 1);
});

test('a handler that throws is a NAK for want of resources, and so is one request too many', async () => {
  const errors: unknown[] = [];
  const broken = new Error('broken');
  const { ask, now } = setup({ handle: () => Promise.reject(broken), failed: (e) => errors.push(e) });
  const asked = request([now()]);
  assert.equal(verified(await ask(asked), asked, packetCode.disconnectNak), [['Error-Cause', 506]]);
  assert.equal(errors, [broken]);
  const busy = setup({ handle: () => new Promise(() => {}), mostUnderWay: 2 });
  for (const port of [1, 2]) void busy.ask(request([now(), ['NAS-Port', port]]));
  const third = request([now(), ['NAS-Port', 3]]);
  const nak = await busy.ask(third);
  assert.is(integerOf(verified(nak, third, packetCode.disconnectNak), 'Error-Cause'), 506);
});

test('of the replies that are kept the oldest goes, and none stays for ever', async () => {
  const { clock, ask, handled } = setup({ mostReplies: 2, eventTimestamp: 'auto' });
  const asked = [1, 2, 3].map((port) => request([['NAS-Port', port]]));
  for (const one of asked) await ask(one);
  await ask(asked[2]!);
  await ask(asked[1]!);
  assert.is(handled.length, 3);
  await ask(asked[0]!);
  assert.is(handled.length, 4);
  await clock.pass(611_000);
  await ask(asked[2]!);
  assert.is(handled.length, 5);
});

test('a reply that would be too long goes without what the handler had to say', async () => {
  const attributes: Attribute[] = Array.from({ length: 10 }, () => ['Class', Buffer.alloc(253)]);
  const { ask, now } = setup({ handle: async () => ({ ack: true, attributes }) });
  const proxies: Attribute[] = Array.from({ length: 10 }, () => ['Proxy-State', Buffer.alloc(253)]);
  const asked = request([now(), ...proxies]);
  const back = verified(await ask(asked), asked, packetCode.disconnectAck);
  assert.is(valuesOf(back, 'Proxy-State').length, 10);
  assert.is(valuesOf(attributesOf((await ask(asked))!), 'Class').length, 0);
});

test.run();
