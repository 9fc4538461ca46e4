// The page of RADIUS and MQTT servers in a browser: settings and secrets.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close, refresh, textOf } from '../luci-app/browser.js';
import { save, shopFor } from '../luci-app/shop.js';

const shop = shopFor();

test('settings are checked, secrets go in and never come out', async () => {
  shop.router.stubs.status = async () => ({
    ...(await shop.router.daemon.call('status')),
    authorizers: [{ name: 'radius', state: 'down', error: 'no server answers logins' }],
    sinks: [
      { name: 'radius', state: 'up', backlog: 0, error: '' },
      { name: 'mqtt', state: 'down', backlog: 1242, error: 'connection refused' },
    ],
    payments: [{ name: 'escrow', state: 'up', backlog: 3, error: 'not confirmed yet' }],
  });
  shop.router.stubs.upstream_test = ({ name }) =>
    name === 'radius'
      ? { detail: 'pong' }
      : { error: { code: 'unreachable', message: 'connection refused' } };
  const page = await shop.open('turnpike/upstream');
  for (const name of ['radius', 'mqtt', 'escrow']) await page.locator(`[data-add=${name}]`).click();
  await refresh(page);
  const row = (section: string, name: string) =>
    page.locator(`[data-field="cbid.turnpike.${section}.${name}"]`);
  assert.match(
    await row('radius', '_state_radius').innerText(),
    /Logins.*not connected.*no server answers logins.*Reports.*connected.*0 reports wait/s,
  );
  assert.match(
    await row('mqtt', '_state_mqtt').innerText(),
    /not connected.*1242 reports.*connection refused/s,
  );
  assert.match(await row('escrow', '_state_escrow').innerText(), /3 deposits wait.*all deposits/s);
  await row('radius', '_test_radius').locator('button').click();
  await page.waitForSelector('[data-field="cbid.turnpike.radius._test_radius"] .good');
  assert.match(await row('radius', '_test_radius').innerText(), /pong/);
  await row('mqtt', '_test_mqtt').locator('button').click();
  await page.waitForSelector('[data-field="cbid.turnpike.mqtt._test_mqtt"] .bad');
  await row('radius', 'enabled').locator('input').check();
  await row('radius', 'secret').locator('input').fill('tell-nobody-77');
  await row('mqtt', 'url').locator('input').fill('nonsense');
  await save(page);
  assert.not.match(shop.router.config, /config radius/, 'the server is missing');
  await row('radius', 'server').locator('input').fill('radius.example.net');
  await save(page);
  assert.not.match(shop.router.config, /config radius/, 'the address of the broker is none');
  await row('mqtt', 'url').locator('input').fill('mqtts://broker.example.net:8883');
  await row('radius', 'interim').locator('input').fill('5');
  await save(page);
  assert.match(shop.router.config, /option server 'radius\.example\.net'\n/);
  assert.match(shop.router.config, /option interim '5 min'\n/);
  assert.match(shop.router.config, /option url 'mqtts:\/\/broker\.example\.net:8883'/);
  assert.equal(shop.router.secrets.radius, { secret: 'tell-nobody-77' });
  assert.not.match(shop.router.config, /tell-nobody/);
  await page.reload();
  await page.waitForFunction('window.drawn === true');
  const secret = row('radius', 'secret').locator('input');
  assert.is(await secret.inputValue(), '');
  assert.is(await secret.getAttribute('type'), 'password');
  await save(page);
  assert.equal(shop.router.secrets.radius, { secret: 'tell-nobody-77' }, 'what is left empty stays');
  assert.not.ok(shop.router.sent.some((answer) => answer.includes('tell-nobody')));
  await close(page);
});

test('what is advanced is saved, and what hangs on a switch is kept while that is off', async () => {
  const page = await shop.open('turnpike/upstream');
  for (const name of ['radius', 'mqtt']) await page.locator(`[data-add=${name}]`).click();
  const row = (section: string, name: string) =>
    page.locator(`[data-tab=advanced] [data-field="cbid.turnpike.${section}.${name}"]`);
  const coa = page.locator('[data-field="cbid.turnpike.radius.coa"] input');
  const orders = ['coa_port', 'coa_address', 'coa_client', 'mac_password'];
  for (const name of orders) assert.is(await row('radius', name).isVisible(), false, name);
  await coa.check();
  await page.locator('[data-field="cbid.turnpike.radius.mac_auth"] input').check();
  await row('radius', 'coa_address').locator('input').fill('10.0.0.1');
  await row('radius', 'mac_password').locator('input').fill('tell-nobody-78');
  for (const [name, text] of [
    ['coa_client', '10.0.0.9'],
    ['acct_server', '10.0.0.8:bad'],
  ]) {
    await row('radius', name!).locator('input').fill(text!);
    await row('radius', name!).locator('input').press('Enter');
  }
  await row('mqtt', 'client_id').locator('input').fill('hotel 1');
  await save(page);
  assert.match(await textOf(page, '.turnpike-fault'), /Enter a server such as/);
  await row('radius', 'acct_server').locator('.item').click();
  await save(page);
  assert.not.match(shop.router.config, /config radius/, 'a name has no spaces');
  await row('mqtt', 'client_id').locator('input').fill('hotel-1');
  await row('mqtt', 'session_expiry').locator('input').fill('3');
  await save(page);
  assert.match(shop.router.config, /option client_id 'hotel-1'\n/);
  assert.match(shop.router.config, /option session_expiry '3 d'\n/);
  assert.is(shop.router.secrets.radius?.mac_password, 'tell-nobody-78');
  await coa.uncheck();
  await save(page);
  assert.match(shop.router.config, /option coa_address '10\.0\.0\.1'\n\tlist coa_client '10\.0\.0\.9'\n/);
  assert.equal(await shop.router.daemon.call('reload'), { applied: true }, 'the daemon takes all of it');
  await close(page);
});

test.run();
