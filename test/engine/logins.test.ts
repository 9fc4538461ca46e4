import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Authorization } from '../../src/domain/lot.js';
import { refuse } from '../../src/domain/refuse.js';
import { bytes, millis } from '../../src/domain/units.js';
import { Proofs } from '../../src/engine/proofs.js';
import type { Authorizer, Login } from '../../src/ports/authorizer.js';
import type { Result } from '../../src/ports/result.js';
import { settled } from '../rig/clock.js';
import { TestPortal } from './portal.js';
import { mac, type World, world } from './world.js';

const [one, two] = [mac(1), mac(2)];

/** A server that knows one password, and answers when it is told to. */
class TestServer implements Authorizer {
  readonly name = 'radius';
  readonly devices = 1;
  readonly asked: string[] = [];
  allotment: Authorization['allotment'] = { bytes: bytes(1000) };
  /** Answers wait for it. */
  gate: Promise<void> = Promise.resolve();
  silent = false;
  /** It refuses who is in already, a probe of the password too (Simultaneous-Use). */
  onceOnly = false;
  /** It lets nobody in just now. */
  refuses = false;
  portLimit = 1;
  readonly #w: World;

  constructor(w: World) {
    this.#w = w;
    w.logins.authorizers = new Map([['radius', this]]);
    w.logins.reported = (_method, sessions) => this.reported(sessions);
  }

  credentials(payment: Readonly<Record<string, unknown>>) {
    const { user, password } = payment;
    if (typeof user !== 'string' || typeof password !== 'string') return refuse('bad_payment', 'who?');
    return { ok: true, value: { user, password } } as const;
  }

  async authenticate({ password }: Login): Promise<Result<unknown>> {
    this.asked.push('authenticate');
    await this.gate;
    if (this.onceOnly) return refuse('login_rejected', 'You are already logged in - access denied');
    return password === 'right' ? { ok: true, value: undefined } : refuse('login_rejected', 'no');
  }

  async authorize({ user, password }: Login): Promise<Result<Authorization>> {
    const open = this.#w.portals.flatMap((p) => [...p.clients.values()].filter((c) => c.open));
    this.asked.push(`authorize with ${open.length} open`);
    await this.gate;
    if (this.silent) return refuse('login_timeout', 'nobody answers');
    if (password !== 'right' || this.refuses) return refuse('login_rejected', 'no');
    const policy = { devices: this.portLimit, pauseAway: false };
    return {
      ok: true,
      value: { user, allotment: this.allotment, policy, accounting: { classes: ['YQ=='] } },
    };
  }

  async reported(sessions: readonly string[]): Promise<void> {
    this.asked.push(`reported ${sessions.length}`);
  }
}

let keys = 0;

function logIn(w: World, device = one, password = 'right', over: Record<string, unknown> = {}) {
  keys += 1;
  const payment = { method: 'radius', user: 'alice', password };
  return w.commands.purchase({ mac: device, key: `login${keys}`, payment, ...over });
}

async function ready(): Promise<{ w: World; server: TestServer }> {
  const w = await world([new TestPortal('lan')]);
  for (const device of [one, two]) w.portal.join(device);
  await w.clock.pass(1001);
  return { w, server: new TestServer(w) };
}

const code = (result: Result<unknown>) => (result.ok ? 'ok' : result.code);
const states = (w: World) => [...w.engine.accounts.book.all()].map((s) => s.state);

test('a session is pending while the server is asked, and active with what it allows', async () => {
  const { w, server } = await ready();
  let answer = () => {};
  server.gate = new Promise((resolve) => {
    answer = resolve;
  });
  const login = logIn(w);
  await settled();
  assert.equal(states(w), ['pending']);
  assert.not(w.portal.clients.get(one)?.open, 'no gate opens before the answer');
  answer();
  const result = await login;
  assert.ok(result.ok);
  assert.is(result.value.state, 'active');
  assert.is(result.value.user, 'alice');
  assert.is(result.value.granted.bytes, 1000);
  assert.ok(w.portal.clients.get(one)?.open);
});

test('a reject and a silence are told apart, and leave nothing behind', async () => {
  const { w, server } = await ready();
  const before = JSON.stringify([w.journal.records, w.engine.accounts.book.toPlain(0)]);
  assert.is(code(await logIn(w, one, 'wrong')), 'login_rejected');
  server.silent = true;
  assert.is(code(await logIn(w)), 'login_timeout');
  assert.is(JSON.stringify([w.journal.records, w.engine.accounts.book.toPlain(0)]), before);
});

test('the password is in no record of the journal, nor a digest of it', async () => {
  const { w } = await ready();
  assert.is(code(await logIn(w, one, 'right', { key: 'k' })), 'ok');
  assert.not.match(JSON.stringify(w.journal.records), /right/);
  const again = await logIn(w, one, 'another', { key: 'k' });
  assert.is(code(again), 'ok', 'the same login, for no digest knows its password');
});

test('a second device of a user comes in after the first is out and the server has heard of it', async () => {
  const { w, server } = await ready();
  await logIn(w);
  server.asked.length = 0;
  const second = await logIn(w, two);
  assert.ok(second.ok);
  assert.equal(server.asked, ['reported 1', 'authorize with 0 open']);
  assert.equal(states(w), ['terminated', 'active']);
  assert.is([...w.engine.accounts.book.all()][0]?.cause, 'conflict');
});

test('who does not know the password does not end a session by trying', async () => {
  const { w, server } = await ready();
  await logIn(w);
  server.asked.length = 0;
  assert.is(code(await logIn(w, two, 'wrong')), 'login_rejected');
  assert.equal(server.asked, ['authenticate']);
  assert.equal(states(w), ['active']);
});

test('after a restart a customer changes device, though the server lets nobody in twice', async () => {
  const { w } = await ready();
  await logIn(w);
  await w.crash();
  await w.clock.pass(1001);
  const server = new TestServer(w);
  server.onceOnly = true;
  assert.is(code(await logIn(w, two)), 'ok');
  assert.equal(server.asked, ['reported 1', 'authorize with 0 open']);
  assert.equal(states(w), ['terminated', 'active']);
});

test('a session of an older journal, which has no proof, makes its user prove the password to the server', async () => {
  const { w } = await ready();
  await logIn(w);
  for (const record of w.journal.records) {
    if (record.t !== 'sold' && record.t !== 'session') continue;
    for (const { accounting } of record.session.lots) delete (accounting as { proof?: string }).proof;
  }
  await w.crash();
  await w.clock.pass(1001);
  const server = new TestServer(w);
  assert.is(code(await logIn(w, two)), 'ok');
  assert.equal(server.asked, ['authenticate', 'reported 1', 'authorize with 0 open']);
});

test('who is known by the password makes no wrong guess, whatever the server refuses', async () => {
  const { w, server } = await ready();
  await logIn(w);
  server.refuses = true;
  for (let i = 0; i < 7; i++) {
    assert.is(code(await logIn(w, two)), 'login_rejected');
    server.refuses = false;
    assert.is(code(await logIn(w, one)), 'ok');
    server.refuses = true;
  }
});

test('a user may have as many devices as the server says, not as few as are configured', async () => {
  const { w, server } = await ready();
  server.portLimit = 2;
  await logIn(w);
  assert.is(code(await logIn(w, two)), 'ok');
  assert.equal(states(w), ['active', 'active']);
});

test('a copy of the journal does not tell who has the same password, nor is it the proof of it', async () => {
  const { w } = await ready();
  await logIn(w);
  await logIn(w, two);
  const proofs = w.journal.records.flatMap((record) =>
    record.t === 'sold' ? record.session.lots.map(({ accounting }) => accounting?.proof) : [],
  );
  assert.is(new Set(proofs).size, 2);
  const login = { session: 's', user: 'alice', password: 'right', mac: one, gateway: 'lan' };
  const other = new Proofs(new Uint8Array(32));
  for (const session of w.engine.accounts.book.all()) assert.not(other.hold(session, login));
});

test('wrong passwords of one device are counted, and right ones are not', async () => {
  const { w } = await ready();
  const codes: string[] = [];
  for (let i = 0; i < 7; i++) codes.push(code(await logIn(w, one, 'wrong')));
  assert.is(codes.filter((c) => c === 'login_rejected').length, 5);
  assert.is(codes.at(-1), 'too_many_attempts');
  assert.is(code(await logIn(w, two)), 'ok');
});

test('a device has one login at a time, and nothing is sold to it meanwhile', async () => {
  const { w, server } = await ready();
  let answer = () => {};
  server.gate = new Promise((resolve) => {
    answer = resolve;
  });
  const first = logIn(w);
  await settled();
  assert.is(code(await logIn(w)), 'busy');
  assert.is(code(await w.buy(one)), 'busy');
  answer();
  assert.is(code(await first), 'ok');
});

test('a session that is closed while the server is asked stays closed', async () => {
  const { w, server } = await ready();
  let answer = () => {};
  server.gate = new Promise((resolve) => {
    answer = resolve;
  });
  const login = logIn(w);
  await settled();
  const [pending] = w.engine.accounts.book.runningOfMac(one);
  await w.commands.close(pending!.id, 'admin');
  answer();
  assert.is(code(await login), 'closed');
  assert.equal(states(w), ['terminated']);
  assert.not(w.portal.clients.get(one)?.open);
});

test('a crash while the server is asked leaves no session', async () => {
  const { w, server } = await ready();
  server.gate = new Promise(() => {});
  void logIn(w);
  await settled();
  w.journal.state = structuredClone(w.engine.accounts.book.toPlain(0));
  await w.crash();
  await w.clock.pass(1001);
  assert.equal(states(w), []);
});

test('what a customer paid for is not mixed with what a server allows', async () => {
  const { w } = await ready();
  await w.buy(one);
  assert.is(code(await logIn(w, one)), 'session_running');
  await logIn(w, two);
  assert.is(code(await w.buy(two)), 'authorized_elsewhere');
  const grant = { mac: two, bytes: bytes(500), reason: 'a gift', key: 'g' };
  assert.is(code(await w.commands.grant(grant)), 'ok', 'the owner may give more');
});

test('at a reboot of the router authorised sessions end, and paid ones go on', async () => {
  const { w } = await ready();
  await w.buy(one);
  await logIn(w, two);
  w.machine = 'second';
  await w.crash();
  await w.clock.pass(1001);
  const ended = [...w.engine.accounts.book.all()].map((s) => [s.mac, s.state, s.cause]);
  assert.equal(ended, [
    [one, 'active', undefined],
    [two, 'terminated', 'reboot'],
  ]);
});

test('a restart of the daemon alone ends none of them', async () => {
  const { w } = await ready();
  await logIn(w);
  await w.crash();
  await w.clock.pass(1001);
  assert.equal(states(w), ['active']);
});

test('other limits are in force at once, and survive a crash', async () => {
  const { w } = await ready();
  const login = await logIn(w);
  assert.ok(login.ok);
  const { id } = login.value;
  const lot = login.value.lots[0]!;
  const to = {
    allotment: { bytes: bytes(5000) },
    policy: { ...lot.policy, downRate: 64 },
    accounting: lot.accounting!,
  };
  assert.is((await w.logins.reauthorize(id, () => to))?.granted.bytes, 5000);
  w.portal.carry(one, 2000, 2500);
  await w.crash();
  await w.clock.pass(1001);
  assert.is(w.engine.accounts.book.get(id)?.state, 'active');
  assert.is(w.engine.accounts.book.get(id)?.granted.bytes, 5000);
  await w.logins.reauthorize(id, () => ({ ...to, allotment: { bytes: bytes(4000) } }));
  await w.clock.pass(1001);
  assert.is(w.engine.accounts.book.get(id)?.cause, 'data', 'less than was used: it is over');
});

test('a session without any limit runs until somebody ends it', async () => {
  const { w, server } = await ready();
  server.allotment = {};
  const login = await logIn(w);
  assert.ok(login.ok);
  await w.clock.pass(100 * 3_600_000);
  assert.is(w.engine.accounts.book.get(login.value.id)?.state, 'active');
  assert.equal(await w.commands.logout('alice', undefined).then((r) => r.ok && r.value.map((s) => s.cause)), [
    'pc-logout',
  ]);
});

test('a session with a limit of time set by the server ends on the millisecond', async () => {
  const { w, server } = await ready();
  server.allotment = { millis: millis(60_000) };
  const login = await logIn(w);
  assert.ok(login.ok);
  await w.clock.pass(59_999);
  assert.is(w.engine.accounts.book.get(login.value.id)?.state, 'active');
  await w.clock.pass(1);
  assert.is(w.engine.accounts.book.get(login.value.id)?.cause, 'time');
});

test.run();
