// The OpenWrt packages: the same bytes each time, whole, and a daemon that runs from the unpacked tree.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { UbusClient } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../packages/simulators/broker/broker.js';
import { SimulatedPortal } from '../packages/simulators/portal.js';

import { opennds } from '../src/portals/opennds/dialect.js';
import { mac } from './engine/world.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const root = join(dir, 'root');
/** Languages of LuCI's pages, by LuCI's own names. */
const languages = ['ar', 'de', 'es', 'fr', 'hi', 'id', 'pt-br', 'ru', 'sw', 'zh-cn'];
const sizes = new Map<string, number>();

test.before(() => {
  for (const turn of ['one', 'two']) execFileSync(process.execPath, ['package.mjs', join(dir, turn)]);
  mkdirSync(root);
  for (const file of readdirSync(join(dir, 'one')).filter((name) => name.endsWith('.ipk'))) {
    const data = execFileSync('tar', ['xzOf', join(dir, 'one', file), './data.tar.gz']);
    sizes.set(file, data.length);
    execFileSync('tar', ['xz', '-C', root], { input: data });
  }
});

test.after(() => rmSync(dir, { recursive: true }));

test('two builds give the same bytes, and the daemon is small', () => {
  const names = readdirSync(join(dir, 'one'));
  const translations = languages.map((code) => `luci-i18n-turnpike-${code}`);
  const expected = ['luci-app-turnpike', ...translations, 'turnpike-secp256k1', 'turnpike'];
  assert.equal(
    names.sort(),
    [
      ...expected.map((name) => `${name}_0.1.0-1_all.ipk`),
      ...expected.map((name) => `${name}-0.1.0-r1.apk`),
      'turnpike_0.1.0-1.cdx.json',
    ].sort(),
  );
  for (const name of names) {
    assert.ok(readFileSync(join(dir, 'one', name)).equals(readFileSync(join(dir, 'two', name))), name);
  }
  const control = execFileSync('sh', [
    '-c',
    `tar xzOf ${join(dir, 'one', 'turnpike_0.1.0-1_all.ipk')} ./control.tar.gz | tar xzO ./control`,
  ]).toString();
  assert.match(control, /^Architecture: all$/m);
  assert.match(control, /^Depends: libc, node, ubus, nftables$/m);
  const installed = Number(/^Installed-Size: (\d+)$/m.exec(control)?.[1]);
  assert.ok(installed > 100_000 && installed <= 1_400_000, `${installed} bytes`);
});

test('everything is where OpenWrt looks for it, and scripts may be run', () => {
  const scripts = [
    'usr/bin/turnpike',
    'usr/lib/turnpike/remove',
    'usr/lib/turnpike/router',
    'usr/lib/turnpike/user',
    'etc/init.d/turnpike',
    'etc/uci-defaults/40_turnpike',
    'etc/uci-defaults/40_luci-turnpike',
  ];
  for (const script of scripts) assert.is(statSync(join(root, script)).mode & 0o777, 0o755, script);
  const files = [
    'etc/capabilities/turnpike.json',
    'etc/config/turnpike',
    'etc/hotplug.d/ntp/90-turnpike',
    'lib/upgrade/keep.d/turnpike',
    'usr/lib/lua/prometheus-collectors/turnpike.lua',
    'usr/lib/turnpike/turnpike.mjs',
    'usr/lib/turnpike/node_modules/radius/lib/radius.js',
    'usr/lib/turnpike/node_modules/radius/dictionaries/dictionary.rfc2865',
    'usr/share/luci/menu.d/luci-app-turnpike.json',
    'usr/share/rpcd/acl.d/luci-app-turnpike.json',
    'www/luci-static/resources/view/turnpike/sessions.js',
    ...languages.map((code) => `usr/lib/lua/luci/i18n/turnpike.${code}.lmo`),
  ];
  for (const file of files) assert.ok(existsSync(join(root, file)), file);
});

test('whoever is bundled is named with version and licence, and their text is there', () => {
  const bill = JSON.parse(readFileSync(join(dir, 'one', 'turnpike_0.1.0-1.cdx.json'), 'utf8'));
  const text = gunzipSync(readFileSync(join(root, 'usr/lib/turnpike/LICENSES.txt.gz'))).toString();
  assert.equal([bill.bomFormat, bill.specVersion], ['CycloneDX', '1.5']);
  const names = bill.components.map(({ name }: { name: string }) => name);
  for (const name of ['viem', 'mqtt', 'piscina', 'radius', '@noble/curves', 'lru-cache']) {
    assert.ok(names.includes(name), name);
  }
  for (const { name, version, licenses } of bill.components) {
    const [{ license, expression }] = licenses;
    assert.ok(text.includes(`\n${name} ${version} (${license?.id ?? expression})\n`), name);
  }
  assert.match(text, 'Apache License');
  assert.match(text, /Copyright.*\bPaul Miller/);
});

test('the collector and its drivers stay on servers', () => {
  const installed = readdirSync(join(root, 'usr/lib/turnpike'), { recursive: true }).map(String);
  assert.equal(
    installed.filter((file) => /collector|sqlite|\.wasm$|(?:^|\/)pg(?:\/|$)/.test(file)),
    [],
  );
  for (const file of installed.filter((name) => name.endsWith('.mjs'))) {
    assert.not.match(readFileSync(join(root, 'usr/lib/turnpike', file), 'utf8'), /CREATE TABLE/, file);
  }
  const program = join(root, 'usr/lib/turnpike/turnpike.mjs');
  const { status, stderr } = spawnSync(process.execPath, [program, 'collect'], { encoding: 'utf8' });
  assert.is(status, 1);
  assert.match(stderr, 'turnpike collect: the collector is not part of this package');
});

test('the demo and its simulators stay in the checkout, and the router says where they are', () => {
  const folder = join(root, 'usr/lib/turnpike');
  const installed = readdirSync(folder).map(String);
  const simulator = 'turnpike%20demo';
  assert.ok(readFileSync('dist/demo.mjs', 'utf8').includes(simulator));
  assert.not(installed.includes('demo.mjs'));
  for (const file of installed.filter((name) => name.endsWith('.mjs'))) {
    assert.not.match(readFileSync(join(folder, file), 'utf8'), simulator, file);
  }
  const args = [join(folder, 'turnpike.mjs'), 'demo', '--seconds', '1'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.is(status, 1);
  assert.match(stderr, /^turnpike demo: the demo is not part of this package; run it from a checkout\n$/);
});

test('the Makefile leaves out of the package what package.mjs leaves out', () => {
  const [, made] = /^\trm -f (.*)$/m.exec(readFileSync('Makefile', 'utf8'))!;
  const [, packed] = /^const elsewhere = \[(.*)\];$/m.exec(readFileSync('package.mjs', 'utf8'))!;
  const names = (text: string) => [...text.matchAll(/[\w-]+\.mjs/g)].map(([name]) => name).sort();
  assert.equal(names(made!), names(packed!));
  for (const name of names(packed!)) assert.ok(existsSync(join('dist', name)), `${name} is not built`);
});

test('the ACL for other daemons names methods that exist, and none that changes money', async () => {
  const { methods } = await import('../src/api/control.js');
  const acl = JSON.parse(readFileSync(join(root, 'usr/share/acl.d/turnpike.json'), 'utf8'));
  assert.equal(Object.keys(acl).sort(), ['access', 'listen', 'subscribe', 'user']);
  const named = acl.access.turnpike.methods as string[];
  assert.ok(named.length > 0 && named.every((m) => m in methods), `${named}`);
  for (const m of ['purchase', 'grant', 'close', 'voucher_create', 'reload'])
    assert.not.ok(named.includes(m), m);
});

test('the Makefile and the packages have the same version', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  assert.match(readFileSync('Makefile', 'utf8'), `PKG_VERSION:=${version}\n`);
});

test('the daemon of the unpacked tree takes the shipped configuration and opens a gate', async () => {
  const socket = join(dir, 'ubus.sock');
  const broker = new UbusBroker(socket);
  const portal = new SimulatedPortal(opennds, join(dir, 'nds.sock'));
  await Promise.all([broker.start(), portal.start()]);
  portal.join(mac(1), '10.0.0.1');
  const shipped = readFileSync(join(root, 'etc/config/turnpike'), 'utf8');
  const config = join(dir, 'turnpike');
  writeFileSync(
    config,
    shipped
      .replace("#option directory '/etc/turnpike/state'", `option directory '${join(dir, 'state')}'`)
      .replace("#option socket '/var/run/ubus/ubus.sock'", `option socket '${socket}'`)
      .replace("#option backstop '1'", "option backstop '0'\n\toption nft '/dev/null'")
      .replace("#option socket '/tmp/ndsctl.sock'", `option socket '${join(dir, 'nds.sock')}'`),
  );
  const program = join(root, 'usr/lib/turnpike/turnpike.mjs');
  const child = spawn(process.execPath, [program, 'run', '--config', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`ended with ${code}: ${log}`)));
      child.stderr.on('data', (chunk) => {
        log += chunk;
        if (log.includes('is up:')) resolve();
      });
    });
    const bus = new UbusClient({ socket });
    await bus.connect();
    const payment = { method: 'cash', reference: 'r' };
    const sold = await bus.call('turnpike', 'purchase', {
      mac: mac(1),
      plan: 'data',
      payment,
      idempotency_key: 'k',
    });
    assert.is(sold?.state, 'active');
    assert.ok(portal.isOpen(mac(1)));
    bus.close();
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    await Promise.all([broker.stop(), portal.stop()]);
  }
});

/** Runs a script of the package with stand-ins for OpenWrt's own commands in front of the PATH. */
function run(script: string, bin: string): string {
  return execFileSync('sh', [script], { env: { PATH: `${bin}:${process.env.PATH}` } }).toString();
}

test('uci-defaults takes the portal that is there, and a second run changes nothing', () => {
  const box = join(dir, 'box');
  cpSync(root, box, { recursive: true });
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  // uci, as far as the script asks it: one file a value.
  writeFileSync(
    join(bin, 'uci'),
    `#!/bin/sh
[ "$1" = -q ] && shift
case "$1" in
get) cat "${dir}/uci-$2" ;;
set) echo "$2" >>"${dir}/uci-log"; echo "\${2#*=}" >"${dir}/uci-\${2%%=*}" ;;
commit) echo "commit $2" >>"${dir}/uci-log" ;;
esac
`,
  );
  chmodSync(join(bin, 'uci'), 0o755);
  writeFileSync(join(dir, 'uci-turnpike.lan.type'), 'opennds\n');
  // The paths of the script, below the box.
  const text = readFileSync(join(box, 'etc/uci-defaults/40_turnpike'), 'utf8').replaceAll(
    ' /etc/',
    ` ${box}/etc/`,
  );
  const script = join(dir, 'defaults');
  writeFileSync(script, text);
  const log = () => (existsSync(`${dir}/uci-log`) ? readFileSync(`${dir}/uci-log`, 'utf8') : '');
  writeFileSync(join(box, 'etc/init.d/opennds'), '');
  run(script, bin);
  assert.is(log(), '', 'openNDS is there: as shipped');
  rmSync(join(box, 'etc/init.d/opennds'));
  writeFileSync(join(box, 'etc/init.d/nodogsplash'), '');
  run(script, bin);
  const changed = 'turnpike.lan.type=nodogsplash\ncommit turnpike\n';
  assert.is(log(), changed);
  run(script, bin);
  assert.is(log(), changed, 'nothing twice');
  assert.is(statSync(join(box, 'etc/turnpike')).mode & 0o777, 0o700);
});

test('the init script tells procd the same each time, and a reload asks the daemon first', () => {
  const stand = `
procd_open_instance() { echo open; }
procd_set_param() { echo "param $*"; }
procd_close_instance() { echo close; }
procd_add_reload_trigger() { echo "trigger $*"; }
ubus() { echo "ubus $*" >&2; [ -n "$UP" ] && echo '{"applied":true}'; }
start() { echo start; }
`;
  const script = readFileSync(join(root, 'etc/init.d/turnpike'), 'utf8');
  const sh = (call: string, env: Record<string, string> = {}) =>
    execFileSync('sh', ['-c', `${stand}\n${script}\n${call}`], {
      env: { PATH: process.env.PATH, ...env },
    }).toString();
  const started = sh('start_service; service_triggers');
  assert.match(started, 'param command /usr/bin/turnpike run --syslog');
  assert.match(started, /param respawn \d+ \d+ \d+/);
  assert.match(started, 'param term_timeout 30');
  assert.match(started, 'param stdout 1');
  assert.match(started, 'param stderr 1');
  assert.match(started, 'trigger turnpike');
  assert.is(sh('start_service; service_triggers'), started);
  assert.is(sh('reload_service', { UP: '1' }), '');
  assert.is(sh('reload_service'), 'start\n');
});

test.run();
