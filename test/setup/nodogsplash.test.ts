// turnpike setup nodogsplash: a page without the token that opens gates, and the way back.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUci } from '../../src/config/uci.js';
import { members } from '../../src/wiring/members.js';
import { readConfig } from '../../src/wiring/schema.js';
import { setupOf } from '../../src/wiring/setup.js';
import { openRouter, type Router } from './router.js';

const test = suite<{ router: Router; page: string }>('setup nodogsplash');

test.before.each((c) => {
  c.router = openRouter('nodogsplash', '');
  mkdirSync(join(c.router.dir, 'htdocs'));
  c.page = join(c.router.dir, 'htdocs', 'turnpike.html');
  c.router.put(
    'nodogsplash',
    `config nodogsplash\n  option enabled 1\n  option webroot '${join(c.router.dir, 'htdocs')}'\n  option gatewayinterface 'lo'\n`,
  );
});
test.after.each((c) => c.router.remove());

function setupAt(router: Router) {
  const loaded = readConfig(router.config);
  assert.ok(loaded.ok);
  const setup = setupOf('nodogsplash', loaded.config, members.portals, {
    file: router.config,
    uci: router.uci,
  });
  assert.ok(setup.ok);
  return setup.value;
}

test('its page leads to turnpike’s, and has nothing in it by which a device opens its gate', async ({
  router,
  page,
}) => {
  const done = await setupAt(router).apply();
  assert.ok(done.ok, JSON.stringify(done));
  const html = readFileSync(page, 'utf8');
  assert.match(html, /url=http:\/\/127\.0\.0\.1:2080\//);
  assert.not.match(html, /\$/, 'nodogsplash fills nothing in');
  assert.ok(html.length < 1024, `${html.length}`);
  const [section] = parseUci(router.text('nodogsplash')).sections;
  assert.is(section!.options.get('splashpage')!.value, 'turnpike.html');
  assert.is(section!.options.get('authidletimeout')!.value, '0');
  const rules = section!.lists.get('users_to_router')!.map(({ value }) => value);
  assert.ok(rules.includes('allow tcp port 2080') && rules.includes('allow udp port 53'), rules.join());
});

test('undone, the page is gone and the configuration as it was, byte for byte', async ({ router, page }) => {
  const before = router.text('nodogsplash');
  await setupAt(router).apply();
  assert.equal(await setupAt(router).undo(), { ok: true, value: [] });
  assert.not(existsSync(page));
  assert.is(router.text('nodogsplash'), before);
});

test('a page of the owner’s of the same name comes back', async ({ router, page }) => {
  writeFileSync(page, 'mine');
  await setupAt(router).apply();
  assert.match(readFileSync(page, 'utf8'), /turnpike|Internet access/);
  await setupAt(router).undo();
  assert.is(readFileSync(page, 'utf8'), 'mine');
});

test.run();
