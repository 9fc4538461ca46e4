import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConnectionLine } from '../../workers/connection-line.js';
import { passOver } from '../../workers/conntrack.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const file = join(dir, 'nf_conntrack');
test.after(() => rmSync(dir, { recursive: true, force: true }));

/** What is read of one line. */
function read(line: string) {
  const one = new ConnectionLine();
  const isGood = one.read(Buffer.from(line), 0, line.length);
  const { low, high, mark, up, down } = one;
  return { isGood, key: `${low}:${high}`, mark, up, down };
}

const tcp =
  'ipv4     2 tcp      6 7437 ESTABLISHED src=10.77.0.11 dst=203.0.113.2 sport=33000 dport=80 packets=5 bytes=268' +
  ' src=203.0.113.2 dst=198.51.100.9 sport=80 dport=33000 packets=7 bytes=4294967396 [ASSURED] mark=16711682 zone=0 use=2';

test('a connection of TCP behind NAT: its mark, and the bytes of both directions beyond 4 GiB', () => {
  const { isGood, mark, up, down } = read(tcp);
  assert.equal({ isGood, mark, up, down }, { isGood: true, mark: 16711682, up: 268, down: 4294967396 });
});

test('datagrams, pings and IPv6 are read, also where nobody has answered', () => {
  const udp =
    'ipv6     10 udp      17 29 src=fd77::b dst=fd03::2 sport=5 dport=53 packets=1 bytes=60 [UNREPLIED]' +
    ' src=fd03::2 dst=fd77::b sport=53 dport=5 packets=0 bytes=0 mark=4294967295 secctx=a:b:c zone=3 use=2';
  const { isGood, mark, up, down } = read(udp);
  assert.equal({ isGood, mark, up, down }, { isGood: true, mark: 4294967295, up: 60, down: 0 });
  const ping =
    'ipv4     2 icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=77 packets=2 bytes=168 src=10.0.0.2' +
    ' dst=10.0.0.1 type=0 code=0 id=77 packets=2 bytes=168 mark=0 zone=0 use=2';
  assert.ok(read(ping).isGood);
  assert.is.not(read(ping).key, read(ping.replaceAll('id=77', 'id=78')).key);
});

test('what comes in through a forwarded port is down, and its answers are up', () => {
  const forwarded =
    'ipv4     2 tcp      6 100 ESTABLISHED src=192.0.2.1 dst=198.51.100.9 sport=9 dport=8080 packets=1 bytes=10' +
    ' src=10.77.0.11 dst=192.0.2.1 sport=80 dport=9 packets=2 bytes=3000 [ASSURED] mark=16 zone=0 use=2';
  const { up, down } = read(forwarded);
  assert.equal({ up, down }, { up: 3000, down: 10 });
});

test('a connection keeps its name while it ends, and another port, protocol or zone is another connection', () => {
  const { key } = read(tcp);
  const later = tcp.replace('7437 ESTABLISHED', '117 TIME_WAIT').replace('bytes=268', 'bytes=999');
  assert.is(read(later).key, key);
  assert.is(read(later.replace('mark=16711682', 'mark=0')).key, key);
  const others: [string, string][] = [
    ['sport=33000', 'sport=33001'],
    ['dst=203.0.113.2', 'dst=203.0.113.3'],
    ['tcp      6', 'udp      17'],
    ['zone=0', 'zone=1'],
  ];
  for (const [from, to] of others) assert.is.not(read(tcp.replace(from, to)).key, key, to);
});

test('a line without amounts, or of another form, is no connection', () => {
  assert.not.ok(read(tcp.replaceAll(/packets=\d+ bytes=\d+ /g, '')).isGood);
  for (const line of ['', ' ', 'x', 'bytes=1 bytes=2', tcp.slice(0, 90)])
    assert.not.ok(read(line).isGood, line);
});

test('many lines: each is handed over once, wherever a read ends', () => {
  const lines = Array.from({ length: 2_000 }, (_, i) =>
    tcp.replace('33000', `${i}`).replace('=268', `=${i}`),
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
  const seen: number[] = [];
  const fault = passOver(file, Number.POSITIVE_INFINITY, ({ up }) => seen.push(up) > 0);
  assert.is(fault, undefined);
  assert.equal(
    seen,
    Array.from({ length: 2_000 }, (_, i) => i),
  );
});

test('a descriptor is read from its beginning at each pass, and stays open', () => {
  writeFileSync(file, `${tcp}\n`.repeat(200));
  const descriptor = openSync(file, 'r');
  const counts = [0, 1].map(() => {
    let count = 0;
    passOver(descriptor, Number.POSITIVE_INFINITY, () => ++count > 0);
    return count;
  });
  assert.equal(counts, [200, 200]);
  closeSync(descriptor);
  assert.is(
    passOver(descriptor, Number.POSITIVE_INFINITY, () => true),
    'missing',
  );
});

test('what stands in the way is named: no list, no amounts, too many, no time; an empty list is well', () => {
  const take = () => true;
  const forever = Number.POSITIVE_INFINITY;
  assert.is(passOver(join(dir, 'none'), forever, take), 'missing');
  writeFileSync(file, `${tcp.replaceAll(/packets=\d+ bytes=\d+ /g, '')}\n`);
  assert.is(passOver(file, forever, take), 'off');
  writeFileSync(file, `${tcp}\n`);
  assert.is(
    passOver(file, forever, () => false),
    'many',
  );
  assert.is(passOver(file, Number.NEGATIVE_INFINITY, take), 'late');
  writeFileSync(file, '');
  assert.is(passOver(file, forever, take), undefined);
});

test('a line that never ends costs neither memory nor the lines behind it', () => {
  writeFileSync(file, `${'x'.repeat(100_000)}\n${tcp}\n`);
  let seen = 0;
  passOver(file, Number.POSITIVE_INFINITY, () => {
    seen += 1;
    return true;
  });
  assert.is(seen, 1);
});

test.run();
