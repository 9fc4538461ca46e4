import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RadiusConfig } from '../../src/radius/section.js';
import { loadConfig } from '../../src/wiring/schema.js';

const radius = (more = '') => `config gateway 'lan'\n\toption type 'opennds'\n
config radius 'radius'\n\toption enabled '1'\n\toption server 'radius.example.net'\n${more}`;
const secrets = (text = "\toption secret 'hush-hush'\n") => ({
  text: `config secret 'radius'\n${text}`,
  file: 's',
});

test('a RADIUS section has its secret from a file of its own, and what it does not say has defaults', () => {
  const result = loadConfig(
    radius("\toption coa '1'\n\toption server2 '[2001:db8::1]:1645'\n"),
    'f',
    secrets(),
  );
  assert.ok(result.ok, JSON.stringify(result));
  const { authServers, acctServers, secret, interim, messageAuthenticator, statusServer, orders } = result
    .config.upstreams.radius as RadiusConfig;
  assert.equal(authServers, [
    { host: 'radius.example.net', port: 1812 },
    { host: '2001:db8::1', port: 1645 },
  ]);
  assert.equal(
    acctServers.map((s) => s.port),
    [1813, 1813],
  );
  assert.equal([secret, interim, messageAuthenticator], ['hush-hush', 120_000, 'require']);
  assert.is(statusServer, 'auto');
  assert.equal(orders, { port: 3799, clients: ['radius.example.net', '2001:db8::1'] });
});

test('what is wrong with it is said with its line, and never the secret', () => {
  const bad = radius("\toption server2 'not a host'\n\toption interim '5s'\n\toption nas_address '1.2.3'\n");
  const result = loadConfig(
    bad,
    'f',
    secrets("\toption secret 'has a space'\n\toption secrte 'hush-hush'\n"),
  );
  assert.not.ok(result.ok);
  const said = JSON.stringify(result);
  for (const option of ['server2', 'interim', 'nas_address', 'secret', 'secrte']) assert.match(said, option);
  assert.not.match(said, /has a space|hush-hush/);
  const none = loadConfig(radius(), 'f');
  assert.match(JSON.stringify(none), /its secret is missing/);
  assert.equal(none.ok ? [] : none.faults.map(({ option }) => option), ['secret'], 'LuCI leads to its field');
  const broken = loadConfig(radius(), 'f', secrets("option secret 'hush-hush\n"));
  assert.not.match(JSON.stringify(broken), /hush-hush/);
});

test('over TLS all servers are at port 2083, and `radsec` is the secret that nobody has to write down', () => {
  const tls = `\toption transport 'tls'\n\toption tls_certificate '/etc/r.crt'\n\toption tls_key '/etc/r.key'\n`;
  const result = loadConfig(radius(`${tls}\toption server2 '192.0.2.7:1234'\n`), 'f');
  assert.ok(result.ok, JSON.stringify(result));
  const config = result.config.upstreams.radius as RadiusConfig;
  assert.equal(config.authServers, [
    { host: 'radius.example.net', port: 2083 },
    { host: '192.0.2.7', port: 1234 },
  ]);
  assert.equal(config.acctServers, config.authServers);
  assert.is(config.secret, 'radsec');
  assert.equal(config.tls, { certificateFile: '/etc/r.crt', keyFile: '/etc/r.key', underWay: 256 });
});

test('RADIUS/1.1 is offered over TLS unless `radius_11` is off', () => {
  const tls = `\toption transport 'tls'\n\toption tls_certificate '/etc/r.crt'\n\toption tls_key '/etc/r.key'\n`;
  for (const [more, offered] of [
    ["'auto'", undefined],
    ["'off'", 'off'],
  ] as const) {
    const result = loadConfig(radius(`${tls}\toption radius_11 ${more}\n`), 'f');
    assert.ok(result.ok, JSON.stringify(result));
    assert.is((result.config.upstreams.radius as RadiusConfig).tls?.radius11, offered);
  }
});

test('over TLS the router needs a certificate and its key', () => {
  const said = JSON.stringify(loadConfig(radius("\toption transport 'tls'\n"), 'f', secrets()));
  assert.match(said, 'tls_certificate is missing');
  assert.match(said, 'tls_key is missing');
});

test('switched off it needs no server, and still has no misspelt option', () => {
  const text = radius().replace("'1'", "'0'");
  const off = loadConfig(text, 'f');
  assert.ok(off.ok);
  assert.is(off.config.upstreams.radius, undefined);
  assert.not.ok(loadConfig(`${text}\toption sever 'x'\n`, 'f').ok);
});

test.run();
