// Wallets are offered while facilitator and node are there, and again when they are back.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentOrder } from '../../../src/domain/deposit-scheme.js';
import { buildWallet } from '../../../src/payments/wallet/build.js';
import { FacilitatorClient } from '../../../src/payments/wallet/facilitator-client.js';
import { Facilitators } from '../../../src/payments/wallet/facilitators.js';
import { Readiness } from '../../../src/payments/wallet/readiness.js';
import type { PaymentParts } from '../../../src/ports/payment-method.js';
import { settled, TestClock } from '../../rig/clock.js';
import { until } from '../../rig/until.js';
import { exactOn } from './exact-config.js';
import { address, SilentToken } from './silent-token.js';

function watched() {
  const clock = new TestClock();
  const servers = { areThere: true, asked: 0 };
  const readiness = new Readiness(clock, async () => {
    servers.asked += 1;
    return servers.areThere;
  });
  return { clock, servers, readiness };
}

test('a wallet is offered from the start, and nobody is asked for that', async () => {
  const { clock, servers, readiness } = watched();
  servers.areThere = false;
  await clock.pass(3_600_000);
  assert.equal([readiness.isReady, servers.asked], [true, 0]);
});

test('one answer that is lost changes nothing while the servers are there', async () => {
  const { clock, servers, readiness } = watched();
  readiness.doubt();
  readiness.doubt();
  await settled();
  assert.equal([readiness.isReady, servers.asked, clock.pending], [true, 1, 0]);
});

test('servers that are away are asked less and less often, once a minute in the end', async () => {
  const { clock, servers, readiness } = watched();
  servers.areThere = false;
  readiness.doubt();
  await settled();
  assert.is(readiness.isReady, false);
  // Further requests that fail do not make it more.
  readiness.doubt();
  await settled();
  assert.is(servers.asked, 1);
  await clock.pass(63_000);
  assert.is(servers.asked, 7, 'after 1, 2, 4, 8, 16 and 32 s');
  await clock.pass(600_000);
  assert.is(servers.asked, 17);
});

test('a wallet is offered again by itself when its servers are back, and a later outage is noticed as soon', async () => {
  const { clock, servers, readiness } = watched();
  servers.areThere = false;
  readiness.doubt();
  await clock.pass(200_000);
  servers.areThere = true;
  await clock.pass(60_000);
  assert.equal([readiness.isReady, clock.pending], [true, 0]);
  servers.areThere = false;
  readiness.doubt();
  await settled();
  assert.is(readiness.isReady, false);
  servers.areThere = true;
  await clock.pass(1_000);
  assert.is(readiness.isReady, true);
});

test('nobody is asked any more after the end', async () => {
  const { clock, servers, readiness } = watched();
  servers.areThere = false;
  readiness.doubt();
  await settled();
  readiness.stop();
  await clock.pass(600_000);
  readiness.doubt();
  assert.equal([servers.asked, clock.pending], [1, 0]);
});

test('a facilitator that does not answer is noticed, by each of the two ways in which it is asked', async () => {
  const told: string[] = [];
  await new Facilitators(['http://127.0.0.1:9'], 5_000, () => told.push('ours')).ask('/session/create', {});
  await new FacilitatorClient([{ url: 'http://127.0.0.1:9' }], 5_000, () => told.push('x402')).supports(
    'a',
    'b',
  );
  assert.equal(told, ['ours', 'x402']);
});

test('a wallet is not offered while its node fails, and is when the node is back', async () => {
  const facilitator = createServer((_, response) => response.end('{}'));
  await new Promise<void>((resolve) => facilitator.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(facilitator.address() as AddressInfo).port}`;
  const node = await SilentToken.start();
  const clock = new TestClock();
  const parts = { clock, log: () => {}, deposits: () => [], changed: () => {} };
  const wallet = await buildWallet(exactOn(node.url, url), parts as unknown as PaymentParts);
  try {
    assert.ok((await wallet.test!()).ok);
    const [scheme] = wallet.schemes;
    assert.is(scheme?.isReady, true);
    node.isBroken = true;
    assert.is((await scheme!.look(order)).kind, 'unknown');
    await until('the wallet is not offered', () => scheme!.isReady === false && clock.pending > 0);
    assert.match(wallet.standing!.error, /wallets are not offered/);
    node.isBroken = false;
    await clock.pass(1_000);
    await until('the wallet is offered', () => scheme!.isReady === true);
    assert.equal([wallet.standing!.state, wallet.standing!.error], ['up', '']);
  } finally {
    await wallet.stop(false);
    await node.stop();
    facilitator.closeAllConnections();
    await new Promise((resolve) => facilitator.close(resolve));
  }
});

/** As much of an order as is needed to look for it. */
const order = {
  payload: {
    asked: { network: 'eip155:31337', asset: address },
    payload: { authorization: { from: `0x${'cc'.repeat(20)}`, nonce: `0x${'dd'.repeat(32)}` } },
  },
} as unknown as PaymentOrder;

test.run();
