// Which routes the customers' server has, by what is configured.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { members } from '../../src/wiring/members.js';
import type { WebParts } from '../../src/wiring/web.js';
import { webFeatures } from '../../src/wiring/web-features.js';
import { gateway, load } from '../config/load.js';
import { TestClock } from '../rig/clock.js';

const account = `0x${'bb'.repeat(20)}`;
const wallet = `config escrow 'escrow'
	option enabled '1'
	list method 'x402-exact'
	option facilitator 'http://127.0.0.1:9'
	option rpc 'http://127.0.0.1:9'
	option network 'eip155:31337'
	option currency 'USDC 6'
	option token '${account}'
	option pay_to '${account}'
`;

/** Paths that are served with these sections beside a portal. */
async function pathsWith(sections: string): Promise<string[]> {
  const parts = { clock: new TestClock(), log: () => {}, service: () => ({}), members, logins: () => [] };
  const config = load(`${gateway}${sections}`);
  const built = webFeatures.map((feature) => feature(config, parts as unknown as WebParts, () => []));
  const sites = await Promise.all(built);
  return sites.flatMap((site) => site?.routes ?? []).map(({ path }) => path);
}

test('wallets are sold to at the page where they can pay, and nowhere else', async () => {
  const without = await pathsWith('');
  assert.ok(without.includes('/*'));
  assert.not(without.some((path) => path.startsWith('/x402')));
  const added = (await pathsWith(wallet)).filter((path) => !without.includes(path));
  assert.equal(added, ['/x402', '/x402/:plan']);
  assert.equal(await pathsWith(wallet.replace("enabled '1'", "enabled '0'")), without);
});

test('TollGate’s protocol is answered where a plan is named for it, and its key stays the same', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-'));
  try {
    const mint = "config cashu 'cashu'\n\toption enabled '1'\n\tlist mint 'https://mint.example sat'\n";
    const plan = "config plan 'data'\n\toption metric 'bytes'\n\toption step '1 MB'\n\tlist price '1 SAT'\n";
    const main = `${plan}config turnpike 'main'\n\toption directory '${directory}'\n`;
    const without = await pathsWith(`${main}${mint}`);
    assert.not(without.includes('/whoami'));
    const withIt = () => pathsWith(`${main}${mint}\toption tollgate 'data'\n`);
    assert.equal(
      (await withIt()).filter((path) => !without.includes(path)),
      ['/', '/whoami', '/usage'],
    );
    const key = readFileSync(join(directory, 'tollgate.key'));
    assert.is(statSync(join(directory, 'tollgate.key')).mode & 0o777, 0o600);
    await withIt();
    assert.equal(readFileSync(join(directory, 'tollgate.key')), key);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.run();
