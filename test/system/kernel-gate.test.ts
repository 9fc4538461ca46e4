// A device without a session forwards nothing, whatever the portal has opened, on real portals and in both families.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KernelShop } from './rig/kernel-shop.js';
import { serverAddress } from './rig/network.js';
import { openByHand } from './rig/portal.js';
import { gates } from './rig/portals.js';

let shop: KernelShop;
const one = () => shop.rig.clients[0]!;
const two = () => shop.rig.clients[1]!;
const server = () => shop.rig.rooms[1]!;

/** What crosses of the first client while `act` goes on. */
async function crossing(act: () => Promise<unknown>): Promise<number> {
  const before = await shop.crossed(one());
  await act();
  return (await shop.crossed(one())) - before;
}

/** Sends a datagram to port 9 of an address. */
const datagram = `const s = require('node:dgram').createSocket('udp4');
s.send(Buffer.alloc(1000), 9, process.argv[1], () => s.close());`;

/** The customer's datagram from port 5000 to port 5001, and what is sent the other way later on the same connection. */
const call = `const s = require('node:dgram').createSocket('udp4');
s.bind(5000, () => s.send('hello', 5001, process.argv[1], () => s.close()));`;
const answer = `const s = require('node:dgram').createSocket('udp4');
let left = 20;
const send = () => (left-- > 0 ? s.send(Buffer.alloc(1000), 5000, process.argv[1], send) : s.close());
s.bind(5001, send);`;

for (const portal of gates()) {
  const test = suite(portal.title);
  test.before(async () => {
    shop = await KernelShop.open({ clients: 2, portal, ipv6: true });
  });
  test.after(async () => {
    await shop?.close();
  });

  const isProgram = !('isOwn' in portal);
  const gate = isProgram ? 'the portal’s gate opened by hand' : 'no gate beside the table';
  test(`${gate}: nothing passes without a session, IPv6 included`, async () => {
    await one().register();
    if (isProgram) await openByHand(shop.rig.socket, one().mac);
    // The redirect to a page comes in the server's name, so what arrives there is looked at.
    const before = await shop.arrived(one());
    await one().download(1_000_000);
    const v4 = (await shop.arrived(one())) - before;
    // Portals have none for IPv6.
    const v6 = isProgram
      ? await crossing(() => one().download(1_000_000, { ipv6: true }))
      : await one()
          .download(1_000_000, { ipv6: true })
          .then(async () => (await shop.arrived(one())) - before);
    const down = await crossing(() => server().run(process.execPath, ['-e', datagram, one().ip]));
    console.log(`  ${gate}, no session: ${v4} bytes over IPv4, ${v6} over IPv6, ${down} from outside`);
    assert.equal([v4, v6, down], [0, 0, 0]);
  });

  test('packets that conntrack does not follow pass for nobody', async () => {
    await shop.nft(`table inet loose {
      chain pre { type filter hook prerouting priority -300; udp dport 9 notrack; }
    }\n`);
    const room = shop.rig.rooms[2]!;
    const passed = await crossing(() => room.run(process.execPath, ['-e', datagram, serverAddress]));
    assert.is(passed, 0);
    await shop.nft('delete table inet loose\n');
  });

  test('marks that others put on connections stay as they are, and turnpike’s do not disturb them', async () => {
    await shop.nft(`table inet others {
      counter kept { }
      counter lost { }
      chain pre { type filter hook prerouting priority -160; ct state new ct mark set ct mark or 0x3f00; }
      chain behind { type filter hook forward priority 10;
        ct mark and 0x3f00 == 0x3f00 counter name kept
        ct mark and 0x3f00 != 0x3f00 counter name lost
      }
    }\n`);
    const id = await shop.sell(one(), 100);
    const before = await shop.crossed(one());
    assert.ok((await one().download(3_000_000)).ok);
    assert.is((await one().upload(2_000_000, { ipv6: true })).ok, !portal.rejectsIpv6, 'openNDS 11 has none');
    await shop.atRest(one());
    const passed = (await shop.crossed(one())) - before;
    assert.is(await shop.end(id), passed);
    await one().download(100_000);
    const listed = await shop.rig.gateway.run('nft', ['list', 'counters', 'table', 'inet', 'others']);
    const [kept, lost] = ['kept', 'lost'].map((name) =>
      Number(listed.match(new RegExp(`counter ${name} {[^}]*bytes (\\d+)`))?.[1]),
    );
    console.log(`  foreign bits kept on ${kept} bytes, lost on ${lost}`);
    assert.ok(kept! >= passed);
    assert.is(lost, 0);
    await shop.nft('delete table inet others\n');
  });

  test.run();
  // turnpike alone opens the gates of its own portal.
  if (!isProgram) continue;

  const shared = suite(`${portal.title}, exclusive 0`);
  shared.before(async () => {
    shop = await KernelShop.open({ clients: 2, portal, ipv6: true, gateway: ["exclusive '0'"] });
  });
  shared.after(async () => {
    await shop?.close();
  });

  shared(
    'devices that turnpike does not know pass where the portal lets them; those it knows are held',
    async () => {
      await two().register();
      await openByHand(shop.rig.socket, two().mac);
      assert.ok((await two().download(2_000_000)).ok, 'somebody else’s customer');
      const id = await shop.sell(one(), 3);
      const room = shop.rig.rooms[2]!;
      // It forgets a connection of UDP after half a minute, and what came then would be a new one.
      await shop.rig.gateway.run('sh', ['-c', 'echo 3600 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout']);
      await room.run(process.execPath, ['-e', call, serverAddress]);
      const passed = await crossing(() => one().download(10_000_000));
      assert.ok(passed < 3_000_000 && passed > 3_000_000 - 65_536, `${passed} of 3,000,000 bytes`);
      assert.is((await shop.ended(id)).cause, 'data');
      // What others send on to a connection of the session that is over.
      const after = await crossing(() => server().run(process.execPath, ['-e', answer, one().ip]));
      assert.is(after, 0);
      assert.ok((await two().download(2_000_000)).ok, 'still');
    },
  );

  shared.run();
}
