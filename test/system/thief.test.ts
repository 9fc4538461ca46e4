// What a device without a session may try at turnpike's own gate, with frames as nobody's kernel makes them: nothing of it
// reaches a service of the router, and nothing leaves it.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../rig/until.js';
import { OwnShop } from './rig/own-shop.js';

const routerMac = '02:77:00:00:00:01';
const victim = { ip: '10.77.0.12', port: 5000 };

/** Sends each kind of frame some times; prints how many kinds there are. Addresses are those of the first client. */
const frames = `
import socket, struct, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('eth0', 0))
mac = lambda text: bytes.fromhex(text.replace(':', ''))
router, me = mac('${routerMac}'), mac(sys.argv[1])
ip = lambda text: socket.inet_pton(socket.AF_INET6 if ':' in text else socket.AF_INET, text)
def total(data):
    data += b'\\0' * (len(data) % 2)
    n = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while n >> 16: n = (n & 65535) + (n >> 16)
    return ~n & 65535
def v4(proto, body, to='203.0.113.2', src='10.77.0.11', ident=1, frag=0, options=b''):
    head = lambda sum: struct.pack('!BBHHHBBH4s4s', 69 + len(options) // 4, 0, 20 + len(options) + len(body), ident, frag, 64, proto, sum, ip(src), ip(to)) + options
    return b'\\x08\\x00' + head(total(head(0))) + body
def v6(proto, body, to='fd03::2', src='fd77::11'):
    return b'\\x86\\xdd' + struct.pack('!IHBB', 6 << 28, len(body), proto, 64) + ip(src) + ip(to) + body
def l4(proto, body, to, src, at):
    pseudo = ip(src) + ip(to) + struct.pack('!IBBBB', len(body), 0, 0, 0, proto) if ':' in to else ip(src) + ip(to) + struct.pack('!BBH', 0, proto, len(body))
    return body[:at] + struct.pack('!H', total(pseudo + body)) + body[at + 2:]
def udp(port, data, to, src, sport=4000):
    return l4(17, struct.pack('!HHHH', sport, port, 8 + len(data), 0) + data, to, src, 6)
def syn(port, to, src, data=b''):
    return l4(6, struct.pack('!HHIIBBHHH', 4001, port, 1, 0, 80, 2, 1000, 0, 0) + data, to, src, 16)
def echo(to, src, data):
    if ':' in to: return l4(58, struct.pack('!BBHHH', 128, 0, 0, 7, 7) + data, to, src, 2)
    body = struct.pack('!BBHHH', 8, 0, 0, 7, 7) + data
    return body[:2] + struct.pack('!H', total(body)) + body[4:]
big = b'stolen' * 100
A, B, G, G6, L = '10.77.0.11', '203.0.113.2', '10.77.0.1', 'fd77::1', sys.argv[2]
A6, B6, AL = 'fd77::11', 'fd03::2', sys.argv[3]
opt = lambda nxt: struct.pack('!BBBBI', nxt, 0, 1, 4, 0)
frag6 = lambda nxt, off, more: struct.pack('!BBHI', nxt, 0, off | more, 99)
long = udp(9, big * 2, B, A)
long6 = udp(9, big * 2, B6, A6)
kinds = [
  # tunnels through ICMP, to the world, the router and its link-local address
  v4(1, echo(B, A, big)), v4(1, echo(G, A, big), to=G), v6(58, echo(B6, A6, big)), v6(58, echo(G6, A6, big), to=G6), v6(58, echo(L, AL, big), to=L, src=AL),
  # services of the router by its link-local address, and by the address of its other side
  v6(6, syn(22, L, AL), to=L, src=AL), v6(17, udp(161, big, L, AL), to=L, src=AL), v4(6, syn(22, '203.0.113.1', A), to='203.0.113.1'),
  # names of the link
  v4(17, udp(5353, big, '224.0.0.251', A, 5353), to='224.0.0.251'), v6(17, udp(5353, big, 'ff02::fb', AL, 5353), to='ff02::fb', src=AL), v4(17, udp(137, big, '10.77.0.255', A), to='10.77.0.255'),
  # names over TCP, with something in the first packet
  v4(6, syn(53, G, A, big), to=G), v6(6, syn(53, G6, A6, big), to=G6),
  # headers in front, options, other protocols
  v6(0, opt(17) + long6), v6(60, opt(17) + long6), v6(43, struct.pack('!BBBBI', 17, 0, 4, 0, 0) + long6), v6(0, opt(60) + opt(6) + syn(8080, B6, A6, big)),
  v4(17, long, options=b'\\x07\\x07\\x04\\0\\0\\0\\0\\0'), v4(47, b'\\0\\0\\x08\\0' + big), v4(41, v6(17, long6)[2:]), v4(4, v4(17, long)[2:]), v6(59, big), v4(132, big), v4(2, big, to=G),
  # somebody else's address, and the router's own
  v4(17, udp(${victim.port + 1}, big, B, '${victim.ip}', ${victim.port}), src='${victim.ip}'), v4(17, udp(9, big, B, G), src=G), v4(17, udp(9, big, B, '127.0.0.1'), src='127.0.0.1'),
  # replies to nothing
  v4(6, l4(6, struct.pack('!HHIIBBHHH', 80, 4001, 1, 1, 80, 16, 1000, 0, 0) + big, B, A, 16)), v4(1, struct.pack('!BBHI', 3, 3, 0, 0) + v4(17, long)[2:]),
  # names that are asked of others, in a form that the redirect is not for
  v4(17, udp(5053, big, B, A)), v4(17, udp(67, big, B, A, 68)), v6(17, udp(547, big, B6, A6, 546)),
]
# in pieces, the smallest first ones and the last ones first
kinds += [v4(17, long[:24], ident=2, frag=0x2000), v4(17, long[24:], ident=2, frag=3)]
kinds += [v4(17, long[8:], ident=3, frag=1), v4(17, long[:8], ident=3, frag=0x2000)]
kinds += [v6(44, frag6(17, 8, 0) + long6[8:]), v6(44, frag6(17, 0, 1) + long6[:8])]
for frame in kinds:
    for tag in [b'', b'\\x81\\0\\0\\0', b'\\x81\\0\\0\\x05', b'\\x88\\xa8\\0\\0\\x81\\0\\0\\0']:
        for _ in range(3): s.send(router + me + tag + frame)
print(len(kinds))
`;

/** What the customer sends on the connection that the thief knows. */
const call = `const s = require('node:dgram').createSocket('udp4');
  s.bind(${victim.port}, () => s.send('hello', ${victim.port + 1}, '203.0.113.2', () => s.close()));`;

interface Context {
  shop: OwnShop;
}

const test = suite<Context>('without a session');

test.before(async (c) => {
  c.shop = await OwnShop.open(2);
});

test.after(async (c) => {
  await c.shop?.close();
});

/** Packets and bytes of our counters. */
async function seen({ shop }: Context): Promise<Record<string, number>> {
  const list = await shop.gateway.run('nft', ['list', 'counters', 'table', 'inet', 'seen']);
  const found = [...list.matchAll(/counter (\w+) {\s+packets (\d+)/g)];
  return Object.fromEntries(found.map(([, name, packets]) => [name, Number(packets)]));
}

test('no frame, however odd, leaves the router or reaches a service of it', async (c) => {
  const { gateway, rooms, clients } = c.shop;
  const [thief, other] = [clients[0]!, clients[1]!];
  // Somebody else has bought, and has a connection that the thief knows.
  await other.register();
  await c.shop.sell(other, 100);
  await rooms[3]!.run(process.execPath, ['-e', call]);
  const nd =
    'icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert, mld-listener-report, mld-listener-done, mld2-listener-report }';
  await gateway.run(
    'nft',
    ['-f', '-'],
    `table inet seen {
      counter on { }
      counter here { }
      counter come { }
      chain pre { type filter hook prerouting priority -300; iifname "br-lan" ether saddr ${thief.mac} counter name come; }
      chain out { type filter hook forward priority 300; iifname "br-lan" counter name on; }
      chain in { type filter hook input priority 10; ${nd} accept; iifname "br-lan" ether saddr ${thief.mac} counter name here; }
    }\n`,
  );
  const local = async (room: typeof gateway, dev: string) =>
    /inet6 (fe80::[0-9a-f:]+)/.exec(await room.run('ip', ['-6', 'addr', 'show', 'dev', dev]))![1]!;
  const [router, own] = [await local(gateway, 'br-lan'), await local(rooms[2]!, 'eth0')];
  const kinds = Number(await rooms[2]!.run('python3', ['-', thief.mac, router, own], frames));
  await until('all have come', async () => (await seen(c)).come! >= kinds);
  // What came last has gone through the chains with what came before: the kernel takes one after the other.
  const { on, here, come } = await seen(c);
  console.log(
    `  ${kinds} kinds of frames, ${come} packets came to the router: ${on} left it, ${here} reached it`,
  );
  assert.equal({ on, here }, { on: 0, here: 0 });
});

/** Sends so many datagrams in another's name, from their port to that of their connection. */
const forged = `
import socket, struct, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('eth0', 0))
mac = lambda text: bytes.fromhex(text.replace(':', ''))
ip = socket.inet_aton
data = b'stolen' * 100
udp = struct.pack('!HHHH', ${victim.port}, ${victim.port + 1}, 8 + len(data), 0) + data
head = lambda sum: struct.pack('!BBHHHBBH4s4s', 69, 0, 20 + len(udp), 1, 0, 64, 17, sum, ip('${victim.ip}'), ip('203.0.113.2'))
first = head(0)
total = sum(struct.unpack('!10H', first))
total = (total & 65535) + (total >> 16)
for _ in range(20): s.send(mac('${routerMac}') + mac(sys.argv[1]) + b'\\x08\\0' + head(~total & 65535) + udp)
`;

test('who has paid sends nothing on another customer’s connection, and that one is billed nothing', async (c) => {
  const { gateway, rooms, clients } = c.shop;
  const [thief, other] = [clients[0]!, clients[1]!];
  await thief.register();
  await c.shop.sell(thief, 100);
  const packets = async (direction: string) => {
    const list = await gateway.run('nft', ['list', 'counter', 'inet', 'forged', direction]);
    return Number(/packets (\d+)/.exec(list)![1]);
  };
  await gateway.run(
    'nft',
    ['-f', '-'],
    `table inet forged {
      counter come { }
      counter on { }
      counter own { }
      chain pre { type filter hook prerouting priority -300; ether saddr ${thief.mac} udp sport ${victim.port} counter name come; }
      chain out { type filter hook forward priority 300; iifname "br-lan" udp sport ${victim.port} jump which; }
      chain which {
        ether saddr ${thief.mac} counter name on
        ether saddr ${other.mac} counter name own
      }
    }\n`,
  );
  // The connection that the thief sends on: the kernel forgets one of UDP after 30 s, and then it would be their own.
  await rooms[3]!.run(process.execPath, ['-e', call]);
  await until('there is a connection to send on', async () => (await packets('own')) > 0);
  await rooms[2]!.run('python3', ['-', thief.mac], forged);
  await until('all have come', async () => (await packets('come')) === 20);
  assert.is(await packets('on'), 0, 'nothing of the thief left the router');
  const before = await packets('own');
  await rooms[3]!.run(process.execPath, ['-e', call]);
  await until('the customer’s own has left', async () => (await packets('own')) === before + 1);
});

test.run();
