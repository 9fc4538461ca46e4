import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Framing } from '../../../src/radius/tls/framing.js';

function packet(length: number, fill: number): Buffer {
  const bytes = Buffer.alloc(length, fill);
  bytes.writeUInt16BE(length, 2);
  return bytes;
}

test('packets are found wherever the stream is cut', () => {
  const packets = [packet(20, 1), packet(21, 2), packet(300, 3)];
  const stream = Buffer.concat(packets);
  for (let cut = 0; cut <= stream.length; cut++) {
    const framing = new Framing();
    const found = [...framing.push(stream.subarray(0, cut)), ...framing.push(stream.subarray(cut))];
    assert.equal(found, packets, `cut at ${cut}`);
  }
});

test('octets that come one by one make the same packets', () => {
  const packets = [packet(4096, 7), packet(20, 8)];
  const framing = new Framing();
  const found = [...Buffer.concat(packets)].flatMap((octet) => [...framing.push(Buffer.from([octet]))]);
  assert.equal(found, packets);
});

test('a length that no packet can have is found before the packet is there', () => {
  for (const length of [0, 19, 4097, 65_535]) {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(length, 2);
    assert.throws(() => [...new Framing().push(head)], new RegExp(`a packet of ${length} octets`));
  }
});

test('packets before a length that none can have are still given', () => {
  const good = packet(20, 1);
  const found: Buffer[] = [];
  assert.throws(() => {
    for (const one of new Framing().push(Buffer.concat([good, Buffer.alloc(20)]))) found.push(one);
  }, /a packet of 0 octets/);
  assert.equal(found, [good]);
});

test.run();
