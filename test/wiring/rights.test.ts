// What a configuration needs root for, as `turnpike check` says it.
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

test.run();
