// Lists of sessions: for those whose they are, page by page, and for the operator.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { privateKeyToAccount } from 'viem/accounts';
import { openDatabase } from '../../src/facilitator/database.js';
import { FacilitatorError } from '../../src/facilitator/error.js';
import { Journal } from '../../src/facilitator/journal.js';
import { Lookup, lookupTypes } from '../../src/facilitator/lookup.js';
import type { Network } from '../../src/facilitator/network.js';
import type { Request, Sent } from '../../src/facilitator/operation.js';
import { readLookup } from '../../src/facilitator/requests.js';
import { isSignedBy } from '../../src/payments/wallet/signature.js';
import { type Address, escrowDomain, type Hex } from '../../src/payments/wallet/typed-data.js';

const [id, chainId, escrow] = ['eip155:31337', 31_337n, `0x${'e'.repeat(40)}` as Address];
const buyer = privateKeyToAccount(`0x${'42'.repeat(32)}`);
const seller = privateKeyToAccount(`0x${'43'.repeat(32)}`);
const [buyerAt, sellerAt] = [buyer, seller].map(({ address }) => address.toLowerCase() as Address);
const token: Address = `0x${'7'.repeat(40)}`;
const operatorToken = 'a-token-of-the-operator';
const start = Date.UTC(2026, 10, 23, 12);
const network = {
  id,
  chain: { chainId, escrow },
  checkSignature: async (account: Address, digest: Hex, signature: Hex) => {
    if (await isSignedBy(account, digest, signature)) return true;
    throw new FacilitatorError('bad_signature', 'another key');
  },
} as unknown as Network;
const idOf = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;

let directory: string;
let journal: Journal;
let clock: { now: number };
let lookup: Lookup;

test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), 'turnpike-'));
  journal = new Journal(openDatabase(directory));
  clock = { now: start };
  lookup = new Lookup({ journal, operatorToken, now: () => clock.now });
  for (let n = 1; n <= 5; n += 1) keep(n, buyerAt!);
  keep(6, `0x${'9'.repeat(40)}`);
});
test.after.each(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

/** A session that the server has had to do with. */
function keep(n: number, of: Address): void {
  const request: Request = { id: `${n}`, kind: 'create', network: id, sessionId: idOf(n), request: '{}' };
  const sent: Sent = { hash: idOf(n), operation: `${n}`, network: id, signer: token, nonce: n, raw: '0x' };
  journal.send([request], sent);
  const session = { buyer: of, seller: sellerAt!, token, expiresAt: 9n, closed: n === 2 };
  journal.remember(id, idOf(n), session);
}

interface Asked {
  readonly account?: Address;
  readonly role?: 'buyer' | 'seller';
  readonly after?: Hex;
  readonly limit?: number;
  readonly until?: number;
}

async function signed(by: typeof buyer, asked: Asked = {}): Promise<object> {
  const { account = by.address, role = 'buyer', after = idOf(0), limit = 2, until } = asked;
  const end = until ?? clock.now / 1000 + 60;
  const signature = await by.signTypedData({
    domain: { ...escrowDomain, chainId, verifyingContract: escrow },
    types: lookupTypes,
    primaryType: 'ListSessions',
    message: { account, role, after, until: BigInt(end) },
  });
  return { network: id, account, role, after, limit, until: end, signature };
}

/** The ids' numbers and whether there are more, or the code of a refusal. */
async function ask(body: object, bearer?: string): Promise<string> {
  try {
    const { sessions, next } = await lookup.sessions(network, readLookup(body), bearer);
    return `${sessions.map(({ sessionId }) => Number(sessionId))}${next ? ` then ${Number(next)}` : ''}`;
  } catch (cause) {
    return (cause as FacilitatorError).code;
  }
}

test('a buyer sees the own sessions, page by page, and a seller those that pay them', async () => {
  assert.is(await ask(await signed(buyer)), '1,2 then 2');
  assert.is(await ask(await signed(buyer, { after: idOf(2) })), '3,4 then 4');
  assert.is(await ask(await signed(buyer, { after: idOf(4) })), '5');
  assert.is(await ask(await signed(seller, { role: 'seller', limit: 9 })), '1,2,3,4,5,6');
  assert.is(await ask(await signed(seller)), '', 'a seller who has bought nothing');
});

test('a list tells whose a session is, and whether it is closed', async () => {
  const { sessions } = await lookup.sessions(network, readLookup(await signed(buyer)), undefined);
  const rest = { network: id, buyer: buyerAt, seller: sellerAt, token, expiresAt: 9 };
  assert.equal(sessions, [
    { sessionId: idOf(1), ...rest, closed: false },
    { sessionId: idOf(2), ...rest, closed: true },
  ]);
});

test('a signature is good once, for what it names, and not for long', async () => {
  const first = await signed(buyer);
  assert.is(await ask(first), '1,2 then 2');
  assert.is(await ask(first), 'bad_signature', 'somebody has seen it');
  const page = await signed(buyer, { until: clock.now / 1000 + 61 });
  assert.is(await ask({ ...page, after: idOf(2) }), 'bad_signature');
  assert.is(await ask({ ...page, role: 'seller' }), 'bad_signature');
  assert.is(await ask(await signed(seller, { account: buyerAt! })), 'bad_signature');
  assert.is(await ask(await signed(buyer, { until: clock.now / 1000 + 301 })), 'bad_request');
  clock.now += 61_000;
  assert.is(await ask(page), 'bad_request', 'its time is over');
  assert.is(await ask({ ...first, signature: undefined }), 'bad_request');
});

test('the operator sees everybody’s by their token, and a wrong token is no signature', async () => {
  const body = { network: id, account: sellerAt, role: 'seller', limit: 3 };
  assert.is(await ask(body, operatorToken), '1,2,3 then 3');
  assert.is(await ask(body, 'another'), 'bad_signature');
  assert.is(await ask(await signed(buyer), 'another'), 'bad_signature');
  lookup = new Lookup({ journal, operatorToken: undefined, now: () => clock.now });
  assert.is(await ask(body, operatorToken), 'bad_signature', 'none is configured');
});

test.run();
