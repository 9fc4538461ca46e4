// turnpike leave: what the package does before it is removed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { Dialect } from '../../src/domain/dialect.js';
import { nodogsplash } from '../../src/portals/nodogsplash/dialect.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { mac } from '../engine/world.js';
import { openRouter } from '../setup/router.js';
import { turnpike } from './turnpike.js';

interface Context {
  dir: string;
  portal: SimulatedPortal;
}
const test = suite<Context>('leave');

test.before.each((c) => {
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
});
test.after.each(async (c) => {
  await c.portal?.stop();
  rmSync(c.dir, { recursive: true });
});

/** A portal with three devices, two of them let in. */
async function open(c: Context, dialect: Dialect, ...more: string[]): Promise<string> {
  const socket = join(c.dir, 'ndsctl.sock');
  c.portal = new SimulatedPortal(dialect, socket);
  await c.portal.start();
  for (const n of [1, 2, 3]) c.portal.join(mac(n), `10.0.0.${n}`);
  for (const n of [1, 2]) c.portal.answer(`auth ${mac(n)}`);
  assert.ok(c.portal.isOpen(mac(1)) && c.portal.isOpen(mac(2)));
  const file = join(c.dir, 'turnpike');
  const lines = [`option type '${dialect.name}'`, `option socket '${socket}'`, ...more];
  writeFileSync(
    file,
    `config turnpike 'main'\n\toption directory '${join(c.dir, 'state')}'\nconfig gateway 'lan'\n${lines.map((line) => `\t${line}\n`).join('')}`,
  );
  return file;
}

for (const dialect of [opennds, nodogsplash]) {
  test(`it shuts every gate of ${dialect.name}, and says so`, async (c) => {
    const file = await open(c, dialect);
    const shown = await turnpike('leave', '--config', file);
    assert.match(shown.out, 'nothing is done yet');
    assert.ok(c.portal.isOpen(mac(1)));
    const done = await turnpike('leave', '--yes', '--config', file);
    assert.equal([done.status, done.out, done.err], [0, 'lan: 2 gates shut\n', '']);
    assert.not(c.portal.isOpen(mac(1)) || c.portal.isOpen(mac(2)));
  });
}

test('a configuration with faults does not keep it from shutting gates', async (c) => {
  const file = await open(c, opennds, "option poll_max 'seldom'");
  assert.is((await turnpike('leave', '--yes', '--config', file)).status, 0);
  assert.not(c.portal.isOpen(mac(1)));
});

test('gates that others open too stay as they are', async (c) => {
  const file = await open(c, opennds, "option exclusive '0'");
  const { status, out } = await turnpike('leave', '--yes', '--config', file);
  assert.is(status, 0);
  assert.match(out, 'lan: others open gates there, too');
  assert.ok(c.portal.isOpen(mac(1)));
});

test('gates that do not shut, and a portal that is not there, are said', async (c) => {
  const file = await open(c, opennds);
  c.portal.refuseDeauth = true;
  const stuck = await turnpike('leave', '--yes', '--config', file);
  assert.equal([stuck.status, stuck.out], [1, 'lan: 2 gates do not shut: restart the portal\n']);
  await c.portal.stop();
  const gone = await turnpike('leave', '--yes', '--config', file);
  assert.is(gone.status, 1);
  assert.match(gone.out, /^lan: /);
});

test('the portal’s own configuration is as setup found it', async (c) => {
  const before = "config opennds\n\toption sessiontimeout '20'\n";
  const router = openRouter('opennds', before);
  try {
    const socket = join(c.dir, 'ndsctl.sock');
    c.portal = new SimulatedPortal(opennds, socket);
    await c.portal.start();
    const config = readFileSync(router.config, 'utf8');
    writeFileSync(router.config, config.replace("'opennds'\n", `'opennds'\n\toption socket '${socket}'\n`));
    const options = ['--config', router.config, '--uci', router.uci];
    assert.is((await turnpike('setup', 'opennds', '--yes', ...options)).status, 0);
    assert.is.not(router.text('opennds'), before);
    const { out } = await turnpike('leave', '--yes', ...options);
    assert.match(out, 'lan: 0 gates shut\nopennds: as it was before it was set up\n');
    assert.is(router.text('opennds'), before);
  } finally {
    router.remove();
  }
});

test('an owner who has switched the portal off before gets its configuration back, too', async () => {
  const before = "config opennds\n\toption sessiontimeout '20'\n";
  const router = openRouter('opennds', before);
  try {
    const options = ['--config', router.config, '--uci', router.uci];
    assert.is((await turnpike('setup', 'opennds', '--yes', ...options)).status, 0);
    const config = readFileSync(router.config, 'utf8');
    writeFileSync(router.config, config.replace("'opennds'\n", "'opennds'\n\toption enabled '0'\n"));
    const { out } = await turnpike('leave', '--yes', ...options);
    assert.match(out, 'opennds: as it was before it was set up\n');
    assert.is(router.text('opennds'), before);
  } finally {
    router.remove();
  }
});

test.run();
