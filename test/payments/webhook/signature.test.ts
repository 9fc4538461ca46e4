// Messages of payment providers are believed when they are signed as their standards say, and no other. The stock
// package of Stripe signs its own.
import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Message, unsigned } from '../../../src/payments/webhook/signature.js';

const now = 1_790_000_000_000;
const at = now / 1000;
const body = Buffer.from('{"type":"payment.confirmed","data":{"order":"é"}}');
const key = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

function standard(secret = key, stamp = at, id = 'msg_1', of = body): Message {
  const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', bytes).update(`${id}.${stamp}.`).update(of).digest('base64');
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': `${stamp}`,
    'webhook-signature': `v1,${signature}`,
  };
  return { headers, body: of };
}

async function stripe(secret = 'whsec_of_stripe_0001', stamp = at): Promise<Message> {
  const header = await Stripe.webhooks.generateTestHeaderStringAsync({
    payload: body.toString(),
    secret,
    timestamp: stamp,
  });
  return { headers: { 'stripe-signature': header }, body };
}

test('the example of Standard Webhooks is believed', () => {
  // From its specification.
  const message = {
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: Buffer.from('{"test": 2432232314}'),
  };
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  assert.is(unsigned('standard', message, [secret], 1_614_265_330_000), undefined);
});

test('what the stock package of Stripe signs is believed', async () => {
  assert.is(unsigned('stripe', await stripe(), ['whsec_of_stripe_0001'], now), undefined);
});

test('while a secret changes, either is believed, and several signatures in one message are', () => {
  const other = 'whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB';
  assert.is(unsigned('standard', standard(other), [key, other], now), undefined);
  const both = standard(other);
  both.headers['webhook-signature'] += ` v1a,zzz ${standard().headers['webhook-signature']}`;
  assert.is(unsigned('standard', both, [key], now), undefined);
});

test('a message that is older or newer than five minutes is refused', async () => {
  for (const apart of [-301, 301]) {
    assert.is(unsigned('standard', standard(key, at + apart), [key], now)?.code, 'hook_unsigned');
    assert.is(
      unsigned('stripe', await stripe(undefined, at + apart), ['whsec_of_stripe_0001'], now)?.code,
      'hook_unsigned',
    );
  }
  for (const apart of [-300, 300])
    assert.is(unsigned('standard', standard(key, at + apart), [key], now), undefined);
});

test('a message of which any part was changed is refused', async () => {
  const bent: Message[] = [
    { ...standard(), body: Buffer.concat([body, Buffer.from(' ')]) },
    { ...standard(), headers: { ...standard().headers, 'webhook-id': 'msg_2' } },
    { ...standard(), headers: { ...standard().headers, 'webhook-timestamp': `${at + 1}` } },
    { ...standard(), headers: { ...standard().headers, 'webhook-signature': 'v1,' } },
    { ...standard(), headers: {} },
    standard('whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB'),
  ];
  for (const message of bent) assert.is(unsigned('standard', message, [key], now)?.code, 'hook_unsigned');
  const other = { ...(await stripe()), body: Buffer.from('{}') };
  assert.is(unsigned('stripe', other, ['whsec_of_stripe_0001'], now)?.code, 'hook_unsigned');
  assert.is(
    unsigned('stripe', await stripe('whsec_of_another_01'), ['whsec_of_stripe_0001'], now)?.code,
    'hook_unsigned',
  );
  assert.is(unsigned('stripe', standard(), [key], now)?.code, 'hook_unsigned');
});

test.run();
