// The portals' own configurations on disk, and the sets in which their open names' addresses stand.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Nft, NftError } from '../../src/kernel/nft.js';
import { Grounds } from '../../src/wiring/grounds.js';
import { members } from '../../src/wiring/members.js';
import { loadConfig } from '../../src/wiring/schema.js';
import { settled, TestClock } from '../rig/clock.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const file = join(dir, 'opennds');
test.after(() => rmSync(dir, { recursive: true }));

function configOf(options = '') {
  const text = `config gateway 'lan'\n\toption type 'opennds'\n\toption portal_config '${file}'\n${options}`;
  const loaded = loadConfig(text, 'turnpike');
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

function setUp(nft?: Nft) {
  const clock = new TestClock();
  const lines: string[] = [];
  let changes = 0;
  const grounds = new Grounds({
    ...{ portals: members.portals, nft, clock },
    log: (_level, text) => lines.push(text),
    changed: () => {
      changes += 1;
    },
  });
  return { grounds, clock, lines, changes: () => changes };
}

test('a portal without a configuration is taken for one with its defaults, which is said once', () => {
  rmSync(file, { force: true });
  const { grounds, lines } = setUp();
  grounds.apply(configOf());
  grounds.apply(configOf());
  const { own, ...premises } = grounds.premises[0]!;
  const nothing = { trusted: [], open: [] };
  assert.equal(premises, { portal: 'lan', interfaces: ['br-lan'], exclusive: true, ...nothing });
  assert.ok(own!.chains.length > 0, 'what openNDS has in the firewall');
  assert.is(lines.length, 1, lines.join());
  assert.match(
    lines[0]!,
    /^gateway 'lan': .*opennds cannot be read \(no such file or directory\): its defaults/,
  );
});

test('a broken configuration is used as far as it can be read, and its first fault is said', () => {
  writeFileSync(
    file,
    "config opennds\n\toption gatewayinterface 'br-guest'\n\tlist trustedmac 02:00:00:00:00:01 x\n",
  );
  const { grounds, lines } = setUp();
  grounds.apply(configOf());
  assert.equal(grounds.premises[0]!.interfaces, ['br-guest']);
  assert.equal(lines, [
    `gateway 'lan': ${file}:3: list takes a name and a value; a value with spaces needs quotes`,
  ]);
});

test('a reload takes over what the owner has changed, and the interfaces that the gateway names go first', () => {
  writeFileSync(file, "config opennds\n\tlist trustedmac '02:00:00:00:00:01'\n");
  const { grounds } = setUp();
  grounds.apply(configOf());
  assert.equal(grounds.premises[0]!.trusted, ['02:00:00:00:00:01']);
  writeFileSync(file, "config opennds\n\toption gatewayinterface 'br-guest'\n");
  grounds.apply(configOf("\tlist interface 'br-one'\n\tlist interface 'br-two'\n\toption exclusive '0'\n"));
  const { own: _, ...premises } = grounds.premises[0]!;
  assert.equal(premises, {
    ...{ portal: 'lan', interfaces: ['br-one', 'br-two'], exclusive: false, trusted: [], open: [] },
  });
});

test('a name of the walled garden opens when a customer has looked it up, and stays open while the portal is away', async () => {
  writeFileSync(
    file,
    "config opennds\n\tlist walledgarden_fqdn_list 'shop.example'\n\tlist walledgarden_port_list '443'\n",
  );
  const asked: string[] = [];
  let elements: unknown[] | undefined = [];
  const { grounds, clock, changes } = setUp(async (args) => {
    asked.push(args.join(' '));
    if (args.includes('inet') || !elements) throw new NftError('refused', 'No such file or directory');
    return JSON.stringify({
      nftables: [{ metainfo: {} }, { set: { name: 'walledgarden', elem: elements } }],
    });
  });
  grounds.apply(configOf());
  grounds.start();
  const look = () => clock.pass(2_000);
  await look();
  assert.equal(asked, ['-j list set inet nds_filter walledgarden', '-j list set ip nds_filter walledgarden']);
  assert.is(changes(), 0);
  elements = [
    '203.0.113.9',
    { elem: { val: '203.0.113.8', expires: 5 } },
    { prefix: { addr: '10.0.0.0', len: 8 } },
  ];
  await look();
  assert.is(changes(), 1);
  assert.equal(grounds.premises[0]!.garden, { ports: [443], addresses: ['203.0.113.8', '203.0.113.9'] });
  elements = undefined;
  await look();
  assert.is(changes(), 1);
  assert.is(grounds.premises[0]!.garden!.addresses.length, 2);
  await grounds.stop();
});

/** Turnpike's own gate with an open name, and what is in dnsmasq's set. */
function ownGarden(isBegun = true, answer = async () => {}) {
  const sets = { open4: [] as string[] };
  const all = setUp(async (args) => {
    await answer();
    const elem = args.includes('open4') ? sets.open4 : [];
    return JSON.stringify({ nftables: [{ metainfo: {} }, { set: { elem } }] });
  });
  const own = "config gateway 'lan'\n\toption type 'nftables'\n\tlist interface 'br-lan'\n";
  const loaded = loadConfig(`${own}\tlist allow_host 'pay.example.com'\n`, 'turnpike');
  assert.ok(loaded.ok, JSON.stringify(loaded));
  all.grounds.apply(loaded.config);
  if (isBegun) all.grounds.start();
  const open = () => all.grounds.premises[0]!.garden!.addresses;
  return { ...all, sets, open };
}

test('what is in the sets is known before anybody asks for it again and again', async () => {
  const { grounds, sets, open, changes } = ownGarden(false);
  sets.open4 = ['203.0.113.8'];
  await grounds.look();
  assert.equal(open(), ['203.0.113.8']);
  assert.is(changes(), 0, 'nobody is told who has not begun');
});

test('a first look that nobody has waited for is told of when the others begin, whenever it ends', async () => {
  for (const isLate of [false, true]) {
    const answers: (() => void)[] = [];
    const { grounds, sets, open, changes } = ownGarden(false, () => {
      return new Promise<void>((resolve) => answers.push(resolve));
    });
    sets.open4 = ['203.0.113.8'];
    const looked = grounds.look();
    if (isLate) grounds.start();
    while (open().length === 0) {
      for (const answer of answers.splice(0)) answer();
      await settled();
    }
    await looked;
    if (!isLate) grounds.start();
    assert.is(changes(), 1);
    void grounds.stop();
  }
});

test('an address in use does not shut between its day in the set and dnsmasq’s next answer', async () => {
  const { grounds, clock, sets, open, changes } = ownGarden();
  sets.open4 = ['203.0.113.8'];
  await clock.pass(2_000);
  sets.open4 = [];
  await clock.pass(3_000_000);
  assert.equal(open(), ['203.0.113.8']);
  sets.open4 = ['203.0.113.8'];
  await clock.pass(2_000);
  sets.open4 = [];
  await clock.pass(3_000_000);
  assert.equal(open(), ['203.0.113.8'], 'the hour is counted anew');
  assert.is(changes(), 1, 'and the table is not written for that');
  await grounds.stop();
});

test('an address that an open name has no more is shut an hour after it left the set', async () => {
  const { grounds, clock, sets, open, changes } = ownGarden();
  sets.open4 = ['203.0.113.8'];
  await clock.pass(2_000);
  sets.open4 = ['203.0.113.9'];
  await clock.pass(2_000);
  assert.equal(open(), ['203.0.113.8', '203.0.113.9']);
  await clock.pass(3_598_000);
  assert.equal(open(), ['203.0.113.8', '203.0.113.9']);
  await clock.pass(4_000);
  assert.equal(open(), ['203.0.113.9']);
  assert.is(changes(), 3);
  await grounds.stop();
});

test.run();
