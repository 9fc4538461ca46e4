// The file of the orders by app or card cannot be read: they alone are refused, and the owner hears of it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mac } from '../engine/world.js';
import { oneDevice } from '../rig/one-device.js';

const stand = oneDevice(test);

const codeOf = (reply: Table) => (reply.error as Table | undefined)?.code ?? 'ok';
const hook =
  "config hook 'card'\n\toption enabled '1'\n\toption signature 'stripe'\n\tlist currency 'USD 2'\n";
const secrets = "config secret 'card'\n\toption secret 'whsec_of_stripe_0001'\n";

test('with orders that cannot be read the daemon starts and sells, says what is damaged, and takes no order', async () => {
  const state = join(stand.dir, 'state');
  mkdirSync(join(state, 'orders'), { recursive: true });
  const daemon = await stand.start(stand.shop + hook, { state, secrets });
  const { damages } = (await daemon.call('status')).journal as { damages: string[] };
  assert.match(damages.join(), /orders by app or card are refused: .*orders.*restart turnpike/);
  const order = { mac: mac(1), plan: 'data', gateway: 'lan' };
  assert.is(
    codeOf(await daemon.call('order', { id: 'abcdefghjkmnpqrstvwx' })),
    'storage_failed',
    'ask again',
  );
  assert.is(codeOf(await daemon.call('order_create', { ...order, hook: 'card' })), 'storage_failed');
  const payment = { method: 'cash', reference: 'r' };
  assert.is(codeOf(await daemon.call('purchase', { ...order, payment, idempotency_key: 'k' })), 'ok');
});

test.run();
