// Where dnsmasq keeps its leases.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { leaseFile } from '../../src/wiring/lease-file.js';

const directory = mkdtempSync(join(tmpdir(), 'turnpike-'));
const configuration = join(directory, 'dhcp');
test.after(() => rmSync(directory, { recursive: true }));

function fileOf(text: string): string {
  writeFileSync(configuration, text);
  return leaseFile(configuration);
}

test('leases are where dnsmasq’s configuration says, and else at the usual place', () => {
  assert.is(fileOf("config dnsmasq\n\toption leasefile '/var/leases'\n"), '/var/leases');
  for (const text of [
    '',
    "config dnsmasq\n\toption leasefile 'leases'\n",
    "config host\n\toption leasefile '/a'\n",
  ])
    assert.is(fileOf(text), '/tmp/dhcp.leases', text);
  assert.is(leaseFile(join(directory, 'none')), '/tmp/dhcp.leases');
});

test.run();
