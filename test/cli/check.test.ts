// turnpike check: every fault with its line.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { turnpike } from './turnpike.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => rmSync(dir, { recursive: true }));

test('check prints everything that is wrong, with lines, and exits 1', async () => {
  const file = join(dir, 'wrong');
  writeFileSync(
    file,
    "config gateway 'lan'\n\toption type 'opnnds'\nconfig plan 'p'\n\toption metric 'bytes'\n",
  );
  const { status, out, err } = await turnpike('check', '--config', file);
  assert.equal([status, err], [1, '']);
  assert.match(
    out,
    `${file}:2: gateway 'lan': type: must be one of opennds, nodogsplash, nftables (did you mean 'opennds'?)`,
  );
  assert.match(out, `${file}:3: plan 'p': step is missing (missing)`);
});

test('check finds nothing in the configuration that is shipped, and says that its portal needs root', async () => {
  const { status, out } = await turnpike('check', '--config', 'files/etc/config/turnpike');
  assert.is(status, 0, out);
  const [first, ...more] = out.split('\n');
  assert.match(first ?? '', /^files\/etc\/config\/turnpike: \d+ plans, 1 gateways, 1 payment methods$/);
  assert.equal(more, ["gateway 'lan' needs root: only root may speak to its control socket", '']);
});

test('check --root says by its exit code whether the daemon can do without root', async () => {
  const file = join(dir, 'rights');
  const checked = (type: string) => {
    writeFileSync(file, `config gateway 'lan'\n\toption type '${type}'\n\tlist interface 'br-lan'\n`);
    return turnpike('check', '--root', '--config', file);
  };
  assert.equal(await checked('nftables'), { status: 0, out: '', err: '' });
  const { status, out } = await checked('nodogsplash');
  assert.equal([status, out], [1, "gateway 'lan' needs root: only root may speak to its control socket\n"]);
  assert.is((await checked('nothing')).status, 1);
});

test('check --root speaks of what would be served: a typing error in a price makes nobody root', async () => {
  const file = join(dir, 'slip');
  const checked = (type: string) => {
    const plan = "config plan 'p'\n\toption metric 'bytes'\n\tlist price '0.10'\n";
    writeFileSync(file, `config gateway 'lan'\n\toption type '${type}'\n\tlist interface 'br-lan'\n${plan}`);
    return turnpike('check', '--root', '--config', file);
  };
  assert.equal(await checked('nftables'), { status: 0, out: '', err: '' });
  assert.equal((await checked('opennds')).out.split(':')[0], "gateway 'lan' needs root");
});

test('check names flow offload in the firewall beside it, unless the owner allows that', async () => {
  const [file, firewall] = [join(dir, 'turnpike'), join(dir, 'firewall')];
  const shop = (main: string) =>
    `config turnpike 'main'\n${main}config gateway 'lan'\n\toption type 'opennds'\n`;
  writeFileSync(firewall, "config defaults\n\toption flow_offloading '1'\n");
  writeFileSync(file, shop(''));
  const { status, out } = await turnpike('check', '--config', file);
  assert.is(status, 0, out);
  assert.match(
    out,
    'setup offload: not set are flow_offloading: nothing is sold by the byte while flow offload is on',
  );
  writeFileSync(file, shop("\toption allow_offload '1'\n"));
  assert.not.match((await turnpike('check', '--config', file)).out, 'flow_offloading');
  rmSync(firewall);
});

test('check names plans that nobody can pay', async () => {
  const file = join(dir, 'unpaid');
  const text = readFileSync('files/etc/config/turnpike', 'utf8');
  writeFileSync(file, text.replace("list currency 'USD 2'", "list currency 'EUR 2'"));
  const { status, out } = await turnpike('check', '--config', file);
  assert.is(status, 0, out);
  assert.match(out, "plan 'hour': nobody can pay: no payment method takes USD\n");
  assert.match(out, "method 'cash': no plan has a price in EUR\n");
});

test('check refuses a file of secrets that others may read, and takes one that they may not', async () => {
  const [file, secrets] = [join(dir, 'open'), join(dir, 'open_secrets')];
  writeFileSync(file, "config gateway 'lan'\n\toption type 'opennds'\n");
  writeFileSync(secrets, '');
  chmodSync(secrets, 0o640);
  const { status, out } = await turnpike('check', '--config', file);
  assert.is(status, 1);
  assert.is(out, `${secrets}: others than root may open it (mode 640): chmod 600 ${secrets} (exposed)\n`);
  chmodSync(secrets, 0o600);
  assert.is((await turnpike('check', '--config', file)).status, 0);
});

test.run();
