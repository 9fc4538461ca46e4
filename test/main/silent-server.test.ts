// A server whose name is being looked up, for as long as the test likes: nobody at the router waits for it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UbusClient } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../../packages/simulators/broker/broker.js';
import { flag } from '../../src/config/kind.js';
import { option } from '../../src/config/option.js';
import { section } from '../../src/config/section.js';
import { type Daemon, startDaemon } from '../../src/main.js';
import { checkPolls, common, enabled } from '../../src/portals/section.js';
import { type Members, members } from '../../src/wiring/members.js';
import { loadConfig } from '../../src/wiring/schema.js';
import { TestPortal } from '../engine/portal.js';
import { mac } from '../engine/world.js';

const gate = new TestPortal('lan');
let isAsked = () => {};
const asked = new Promise<void>((resolve) => {
  isAsked = resolve;
});
let answer = () => {};
const answered = new Promise<void>((resolve) => {
  answer = resolve;
});
/** Connections that were made, and those of them that are at an end. */
const links = { made: 0, ended: 0 };

const upstream = {
  section: section({
    type: 'desk',
    name: 'desk',
    about: 'A server.',
    enabled: option(flag, { default: '0', help: '1: it is asked.' }),
    options: {},
  }),
  async open() {
    isAsked();
    await answered;
    links.made += 1;
    return {};
  },
  async close() {
    links.ended += 1;
  },
};
const sink = {
  upstream,
  build: async () => ({
    standing: { state: 'up', error: '', backlog: 0 },
    test: async () => ({ ok: true, value: '' }),
    async stop() {},
  }),
};
const barrier = {
  section: section({
    ...{ type: 'gateway', about: 'A barrier.', enabled, options: common, check: checkPolls },
    make: (values, name) => ({ name, type: 'barrier', ...values }),
  }),
  build: () => Object.assign(gate, { stop: async () => {} }),
  premises: () => ({ interfaces: [], trusted: [], open: [], faults: [] }),
};
const mine = { ...members, portals: { barrier }, authorizers: {}, sinks: { diary: sink }, orderSources: {} };
const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const socket = join(dir, 'ubus.sock');
const broker = new UbusBroker(socket);
const bus = new UbusClient({ socket });

const sections = `config turnpike 'main'
	option directory '${join(dir, 'state')}'
	option socket '${socket}'
	option backstop '0'
	option nft '/dev/null'
config gateway 'lan'
	option type 'barrier'
config plan 'data'
	option metric 'bytes'
	option step '1 MB'
	list price '0.50 USD'
config method 'cash'
	list currency 'USD 2'
config desk 'desk'
	option enabled '1'
`;

let starting: Promise<Daemon>;

test.before(async () => {
  await broker.start();
  gate.join(mac(1));
  starting = startDaemon({
    load: () => loadConfig(sections, 'f', undefined, mine as unknown as Members),
    log: () => {},
    worker: new URL('../../workers/poll.js', import.meta.url),
    members: mine as unknown as Members,
  });
  await asked;
});
test.after(async () => {
  answer();
  bus.close();
  await (await starting).stop();
  await broker.stop();
  rmSync(dir, { recursive: true });
});

test('before the server has a name, the object answers, a sale opens its gate, and the portal is looked at', async () => {
  await bus.connect();
  const payment = { method: 'cash', reference: 'r' };
  const order = { mac: mac(1), plan: 'data', payment, idempotency_key: 'k' };
  assert.is((await bus.call('turnpike', 'purchase', order))?.state, 'active');
  assert.is(gate.clients.get(mac(1))?.open, true);
  const { gateways, sinks } = (await bus.call('turnpike', 'status')) as Record<string, { state: string }[]>;
  assert.equal([gateways?.[0]?.state, sinks?.[0]?.state], ['up', 'connecting']);
});

test('reloads meanwhile are applied, and one connection comes of all of them', async () => {
  const daemon = await starting;
  const replies = await Promise.all([daemon.reload(), daemon.reload()]);
  assert.equal(replies, [{ applied: true }, { applied: true }]);
  answer();
  await daemon.reload();
  assert.equal(links, { made: 1, ended: 0 });
});

test.run();
