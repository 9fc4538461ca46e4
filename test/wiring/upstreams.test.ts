// What the upstreams do when they are asked twice, and when one of their members cannot be built.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Members } from '../../src/wiring/members.js';
import type { MemberParts } from '../../src/wiring/upstream.js';
import { Upstreams } from '../../src/wiring/upstreams.js';
import { settled } from '../rig/clock.js';

/** One upstream with a sink and an order source on it. */
function scene() {
  const said: string[] = [];
  const log: string[] = [];
  const dropped: string[] = [];
  const self = { said, log, dropped, canListen: true, canChange: true, hold: Promise.resolve() };
  const upstream = {
    section: { type: 'radius' },
    async open(config: unknown) {
      said.push(`open ${config}`);
      await self.hold;
      return {};
    },
    start: () => said.push('start'),
    close: async () => void said.push('close'),
  };
  const sink = {
    upstream,
    build: async () => ({
      standing: { state: 'up', error: '', backlog: 0 },
      test: async () => ({ ok: true, value: '' }),
      stop: async () => void said.push('sink ends'),
    }),
  };
  const source = {
    upstream,
    async build() {
      if (!self.canListen) throw new Error('EADDRINUSE');
      return { standing: { state: 'up', error: '' }, stop: async () => {} };
    },
  };
  const members = { authorizers: {}, sinks: { radius: sink }, orderSources: { radius: source } };
  const parts = {
    log: (level: string, text: string) => log.push(`${level} ${text}`),
    outbox: () => ({ outbox: {}, isNew: true }),
    at: () => 0,
  };
  const upstreams = new Upstreams(
    members as unknown as Members,
    parts as unknown as MemberParts,
    { sinks: ['radius'], dropOutbox: (sink: string) => void dropped.push(sink) },
    () => {
      if (!self.canChange) throw new Error('the books are closed');
    },
  );
  return Object.assign(self, { upstreams });
}

test('two reloads at once make one connection, with what the last one says', async () => {
  const s = scene();
  let release = () => {};
  s.hold = new Promise((resolve) => {
    release = resolve;
  });
  const both = [s.upstreams.apply({ radius: 'a' }), s.upstreams.apply({ radius: 'a' })];
  await settled();
  assert.equal(s.said, ['open a']);
  release();
  await Promise.all(both);
  assert.equal(s.said, ['open a', 'start']);
  await Promise.all([s.upstreams.apply({ radius: 'b' }), s.upstreams.apply({ radius: 'c' })]);
  const over = ['sink ends', 'close'];
  assert.equal(s.said.slice(2), [...over, 'open b', 'start', ...over, 'open c', 'start']);
  await s.upstreams.stop();
});

test('what a server has not heard is kept while its section is off for a fault, and goes when it is taken out', async () => {
  const s = scene();
  await s.upstreams.apply({}, ['radius']);
  assert.equal([s.said, s.dropped], [[], []]);
  await s.upstreams.apply({});
  assert.equal(s.dropped, ['radius']);
});

test('an upstream that is not configured is left out, and one that is no more ends', async () => {
  const s = scene();
  await s.upstreams.apply({});
  assert.equal(s.said, []);
  await s.upstreams.apply({ radius: 'a' });
  await s.upstreams.apply({});
  assert.equal(s.said, ['open a', 'start', 'sink ends', 'close']);
});

test('what ends while it begins begins no more afterwards', async () => {
  const s = scene();
  let release = () => {};
  s.hold = new Promise((resolve) => {
    release = resolve;
  });
  const first = s.upstreams.apply({ radius: 'a' });
  await settled();
  const rest = [s.upstreams.stop(), s.upstreams.apply({ radius: 'b' })];
  release();
  await Promise.all([first, ...rest]);
  assert.equal(s.said, ['open a', 'start', 'sink ends', 'close']);
});

test('a member that cannot be built is down with the cause, its neighbours are up, and a reload tries it again', async () => {
  const s = scene();
  s.canListen = false;
  await s.upstreams.apply({ radius: 'a' });
  const { sinks, order_sources } = s.upstreams.standings;
  assert.equal(
    [...sinks, ...order_sources].map(({ state, error }) => [state, error]),
    [
      ['up', ''],
      ['down', 'cannot be set up: EADDRINUSE'],
    ],
  );
  s.canListen = true;
  await s.upstreams.apply({ radius: 'a' });
  assert.equal(
    s.upstreams.standings.order_sources.map(({ state }) => state),
    ['up'],
  );
  await s.upstreams.stop();
});

test('what fails beside the building of members is in the log, although nobody waits for it, and is tried again', async () => {
  const s = scene();
  s.canChange = false;
  await s.upstreams.apply({ radius: 'a' });
  assert.equal(s.log, ['error radius: the books are closed']);
  s.canChange = true;
  await s.upstreams.apply({ radius: 'a' });
  assert.equal(
    s.upstreams.standings.order_sources.map(({ state }) => state),
    ['up'],
  );
  await s.upstreams.stop();
});

test.run();
