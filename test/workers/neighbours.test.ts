// What the kernel says of devices on a network, as two programs print it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { neighboursIn } from '../../workers/neighbours.js';

test('devices of both families are read as iproute2 and busybox print them, and those of other networks left out', () => {
  const text = `10.77.0.11 dev br-lan lladdr 02:77:00:00:01:0b REACHABLE
fd77::b dev br-lan lladdr 02:77:00:00:01:0b router STALE
192.168.1.5 dev br-lan lladdr 02:77:00:00:01:0c used 0/0/0 probes 1 DELAY
10.77.0.12 dev br-lan FAILED
10.77.0.13 dev br-lan INCOMPLETE
203.0.113.2 dev wan0 lladdr 02:77:00:00:09:09 REACHABLE
10.77.0.14 dev br-lan lladdr 02:77:00:00:01:0e ref 1 used 10/5/5 probes 6 FAILED
`;
  assert.equal(neighboursIn(text, ['br-lan']), [
    { ip: '10.77.0.11', mac: '02:77:00:00:01:0b', state: 'REACHABLE' },
    { ip: 'fd77::b', mac: '02:77:00:00:01:0b', state: 'STALE' },
    { ip: '192.168.1.5', mac: '02:77:00:00:01:0c', state: 'DELAY' },
    { ip: '10.77.0.14', mac: '02:77:00:00:01:0e', state: 'FAILED' },
  ]);
});

test('a line that is none, and a name of an interface that begins like one, are no device', () => {
  const text = '10.0.0.1 dev br-lan2 lladdr 02:00:00:00:00:01 STALE\nObject "neigh" is unknown\n\n';
  assert.equal(neighboursIn(text, ['br-lan']), []);
});

test.run();
