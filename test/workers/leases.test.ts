// What devices call themselves when they ask for an address, however they do.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { namesIn, readNames } from '../../workers/leases.js';
import { readNeighbours } from '../../workers/neighbours.js';

const directory = mkdtempSync(join(tmpdir(), 'turnpike-'));
const file = join(directory, 'dhcp.leases');
test.after(() => rmSync(directory, { recursive: true }));

const mac = (n: number) => `02:00:00:00:00:0${n}`;
const lease = (n: number, name: string) => `1795343236 ${mac(n)} 10.0.0.${n} ${name} 01:${mac(n)}\n`;

const listed = (names: ReadonlyMap<string, string>) => [...names];

test('names are read as dnsmasq writes them; devices without one, and leases of IPv6, have none', () => {
  const text = `${lease(1, 'Adas-phone')}0 02:00:00:00:00:0A 10.0.0.10 printer *
${lease(2, '*')}duid 00:01:00:01:2c:aa
1795343236 7 fd00::17 laptop 00:01:00:01
`;
  const names = [
    [mac(1), 'Adas-phone'],
    ['02:00:00:00:00:0a', 'printer'],
  ];
  assert.equal(listed(namesIn(text)), names);
});

test('a hostile name is cut and cleaned to printable characters, and one of nothing else is none', () => {
  const long = 'x'.repeat(500);
  const text = lease(1, `a\u0000b\u001b[31m\u0085c\u00e9`) + lease(2, long) + lease(3, '\u0007\u00ff');
  assert.equal(listed(namesIn(text)), [
    [mac(1), 'ab[31mc'],
    [mac(2), long.slice(0, 63)],
  ]);
});

test('a line that is being written, or is none, gives no name', () => {
  const text = `\n1795343236\nnonsense ${mac(1)} 10.0.0.1 a *\n${lease(2, 'whole')}${lease(3, 'ha').slice(0, -9)}`;
  assert.equal(listed(namesIn(text)), [[mac(2), 'whole']]);
});

test('of a file without end a part is read; a folder, a pipe or nothing in its place keep nobody waiting', async () => {
  writeFileSync(file, lease(1, 'first') + 'x'.repeat(2 * 1024 * 1024) + lease(2, 'last'));
  assert.equal(listed(await readNames(file)), [[mac(1), 'first']]);
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const none of [directory, pipe, join(directory, 'none')])
    assert.equal(listed(await readNames(none)), []);
});

test('neighbours come with their names, and without any where the file is gone', async () => {
  writeFileSync(file, lease(1, 'Adas-phone'));
  const lines = [1, 2].map((n) => `10.0.0.${n} dev br-lan lladdr ${mac(n)} REACHABLE`).join('\n');
  const task = { file: 'echo', args: [lines], interfaces: ['br-lan'], limitMs: 60_000 };
  const named = async (leases: string) => {
    const result = await readNeighbours({ ...task, leases });
    return result.ok ? result.found.map(({ ip, name }) => `${ip} ${name}`) : [];
  };
  assert.equal(await named(file), ['10.0.0.1 Adas-phone', '10.0.0.2 undefined']);
  assert.equal(await named(join(directory, 'none')), ['10.0.0.1 undefined', '10.0.0.2 undefined']);
});

test.run();
