// What a configuration needs root for, as `turnpike check` says it.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rightsOf } from '../../src/wiring/rights.js';
import { loadConfig } from '../../src/wiring/schema.js';

const portal = (name: string, type: string) =>
  `config gateway '${name}'\n\toption type '${type}'\n${type === 'nftables' ? "\tlist interface 'br-lan'\n" : ''}`;

function rights(text: string) {
  const loaded = loadConfig(text, 'turnpike');
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return rightsOf(loaded.config);
}

test('turnpike’s own gate needs no root', () => {
  assert.equal(rights(portal('lan', 'nftables')), { lines: ["gateway 'lan' needs no root"], needs: [] });
});

test('openNDS and nodogsplash do, since their sockets are root’s, also beside a gate that does not', () => {
  for (const type of ['opennds', 'nodogsplash']) {
    const { lines, needs } = rights(portal('lan', 'nftables') + portal('cafe', type));
    assert.equal(needs, ["gateway 'cafe' needs root: only root may speak to its control socket"]);
    assert.equal(lines, ["gateway 'lan' needs no root", ...needs]);
  }
});

test('a page at a port of root’s needs root', () => {
  const at = (port: string) =>
    `${portal('lan', 'nftables')}config turnpike 'main'\n\toption page_port '${port}'\n`;
  assert.equal(rights(at('2080')).needs, []);
  assert.equal(rights(at('80')).needs, ["page: port 80 needs root: ports below 1024 are root's"]);
});

const folder = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => rmSync(folder, { recursive: true }));

test('keys that others than their owner may not read need root, also in a folder that is closed', () => {
  chmodSync(folder, 0o755);
  const [certificate, key] = [join(folder, 'page.crt'), join(folder, 'page.key')];
  const broker = [`url 'mqtts://broker.example'`, `cert_file '${certificate}'`, `key_file '${key}'`];
  const given = `${portal('lan', 'nftables')}config mqtt\n\toption enabled '1'\n${broker.map((line) => `\toption ${line}\n`).join('')}`;
  const needs = () => rights(given).needs.map((need) => need.replace(`${folder}/`, ''));
  assert.equal(needs(), [], 'files that are not there');
  for (const file of [certificate, key]) writeFileSync(file, '', { mode: 0o644 });
  assert.equal(needs(), []);
  chmodSync(key, 0o600);
  assert.equal(needs(), ['page.key needs root: others than its owner may not read it']);
  chmodSync(key, 0o644);
  chmodSync(folder, 0o700);
  assert.is(needs().length, 2);
  chmodSync(folder, 0o755);
  const page = `config web\n\toption certificate '${certificate}'\n\toption key '${key}'\n`;
  chmodSync(key, 0o640);
  assert.equal(rights(portal('lan', 'nftables') + page).needs, [
    `${key} needs root: others than its owner may not read it`,
  ]);
});

test.run();
