// Which routes the customers' server has, by what is configured.
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

test.run();
