// Which routes the customers' server has, by what is configured.
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WebRequest } from '../../src/ports/web.js';
import { members } from '../../src/wiring/members.js';
import { loadConfig } from '../../src/wiring/schema.js';
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

test('a PC’s logout comes through to the commands, with the same key for the same message', async () => {
  const secret = `whsec_${Buffer.from('a secret of twenty-four!').toString('base64')}`;
  const loaded = loadConfig(
    `${gateway}config hook 'pc'\n\toption enabled '1'\n\toption takes 'logouts'\n`,
    ...(['f', { text: `config secret 'pc'\n\toption secret '${secret}'\n`, file: 's' }] as const),
  );
  assert.ok(loaded.ok);
  const clock = new TestClock();
  const ended: unknown[][] = [];
  const logout = async (...args: unknown[]) => {
    ended.push(args);
    return { ok: true, value: [] };
  };
  const parts = { clock, log: () => {}, service: () => ({ logout }), members, logins: () => [] };
  const [hooks] = webFeatures;
  const site = await hooks!(loaded.config, parts as unknown as WebParts, () => []);
  const body = Buffer.from(JSON.stringify({ type: 'user.logged_out', data: { user: 'ada' } }));
  const stamp = String(Math.floor(clock.wall() / 1000));
  const key = Buffer.from(secret.slice(6), 'base64');
  const sum = createHmac('sha256', key).update(`msg_1.${stamp}.`).update(body).digest('base64');
  const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': stamp, 'webhook-signature': `v1,${sum}` };
  const request = { params: { name: 'pc' }, headers, body } as unknown as WebRequest;
  assert.is((await site!.routes[0]!.handle(request)).status, 200);
  assert.is((await site!.routes[0]!.handle(request)).status, 200);
  assert.equal(
    ended.map(([user, , cause]) => [user, cause]),
    [
      ['ada', 'pc-logout'],
      ['ada', 'pc-logout'],
    ],
  );
  assert.match(String(ended[0]![1]), /^hook-[0-9a-f]{40}$/);
  assert.is(ended[1]![1], ended[0]![1]);
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
