// The x402 facilitator API as the router calls it: every odd reply means what it is meant to.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FacilitatorClient } from '../../../src/payments/wallet/facilitator-client.js';

const asked: PaymentRequirements = {
  ...{ scheme: 'exact', network: 'eip155:31337', asset: '0x', amount: '1', payTo: '0x' },
  ...{ maxTimeoutSeconds: 60, extra: {} },
};
const payload: PaymentPayload = { x402Version: 2, accepted: asked, payload: {} };
const transaction = `0x${'1'.repeat(64)}`;

interface Canned {
  readonly status?: number;
  readonly text: string;
  readonly headers?: Record<string, string>;
  /** It never answers. */
  readonly hangs?: boolean;
}

class Canner {
  reply: Canned = { text: '' };
  readonly seen: { path: string; body: string; authorization: string | undefined }[] = [];
  #server: Server | undefined;

  async listen(): Promise<string> {
    this.#server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      this.seen.push({ path: request.url!, body, authorization: request.headers.authorization });
      const { status = 200, text, headers, hangs } = this.reply;
      if (!hangs) response.writeHead(status, headers).end(text);
    });
    await new Promise<void>((resolve) => this.#server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

const [one, two] = [new Canner(), new Canner()];
let urls: string[];

test.before(async () => {
  urls = [await one.listen(), await two.listen()];
});
test.before.each(() => {
  for (const canner of [one, two]) canner.seen.length = 0;
});
test.after(async () => {
  await one.close();
  await two.close();
});

/** Only a server that is to be given up is waited for so short a time. */
const [patience, impatience] = [20_000, 300];
const clientOf = (...addresses: string[]) => {
  const timeoutMs = one.reply.hangs || two.reply.hangs ? impatience : patience;
  return new FacilitatorClient(
    addresses.map((url) => ({ url, headers: { authorization: 'Bearer x' } })),
    timeoutMs,
  );
};
const json = (body: object, status = 200): Canned => ({ status, text: JSON.stringify(body) });
const done = { success: true, transaction, network: 'eip155:31337' };

async function settled(reply: Canned): Promise<unknown> {
  one.reply = reply;
  return clientOf(urls[0]!).settle(payload, asked);
}

test('what is settled, and what is asked for it', async () => {
  assert.equal(await settled(json(done)), { is: 'settled', transaction });
  const [{ path, body, authorization }] = one.seen as [(typeof one.seen)[0]];
  assert.equal([path, authorization], ['/settle', 'Bearer x']);
  assert.equal(JSON.parse(body), { x402Version: 2, paymentPayload: payload, paymentRequirements: asked });
});

test('a no in the words of the API is a no, whatever the status', async () => {
  const no = { success: false, errorReason: 'insufficient_funds', errorMessage: 'poor', transaction: '' };
  const refused = { is: 'refused', reason: 'insufficient_funds', detail: 'insufficient_funds: poor' };
  for (const status of [200, 400, 402, 409, 422]) assert.equal(await settled(json(no, status)), refused);
  const bare = { is: 'refused', reason: 'no_reason', detail: 'no_reason' };
  assert.equal(await settled(json({ success: false, transaction: '' })), bare);
});

test('everything else may have been carried out', async () => {
  const replies: Canned[] = [
    json({ ...done, transaction: '' }),
    json({ ...done, transaction: undefined }),
    json({ ...done, network: 'eip155:1' }),
    json(done, 409),
    json(done, 500),
    json({ success: false, errorReason: 'insufficient_funds', transaction: '' }, 500),
    json({ success: false, errorReason: 'settlement_pending', transaction: '' }),
    json({ success: false, errorReason: 'reverted', transaction }),
    json({ error: 'no' }, 400),
    json({ error: 'busy' }, 409),
    json({ error: 'slow' }, 429),
    json([], 200),
    { text: 'null' },
    { text: '' },
    { text: '{"success":true,"transac' },
    { text: `${JSON.stringify(done)}${' '.repeat(400_000)}` },
    { text: '<html>', status: 502 },
    { text: '', status: 302, headers: { location: urls[1]! } },
    { text: JSON.stringify(done), headers: { 'content-length': '5000' } },
    { text: '', hangs: true },
  ];
  for (const reply of replies) {
    const result = (await settled(reply)) as { is: string };
    assert.is(result.is, 'unknown', JSON.stringify(reply).slice(0, 100));
  }
  assert.is(two.seen.length, 0, 'nobody was sent elsewhere');
});

test('a verification: a yes, a no, and what says nothing', async () => {
  const verified = async (reply: Canned) => {
    one.reply = reply;
    return clientOf(urls[0]!).verify(payload, asked);
  };
  assert.equal(await verified(json({ isValid: true, payer: '0x' })), { is: 'valid' });
  const no = { is: 'invalid', reason: 'bad', detail: 'bad' };
  assert.equal(await verified(json({ isValid: false, invalidReason: 'bad' })), no);
  assert.equal(await verified(json({ isValid: false, invalidReason: 'bad' }, 402)), no);
  for (const reply of [json({ isValid: true }, 500), json({ isValid: false }, 503), json({}), { text: '' }]) {
    assert.is((await verified(reply)).is, 'unknown');
  }
});

test('the next facilitator is asked at once when no connection can be made', async () => {
  const gone = new Canner();
  const dead = await gone.listen();
  await gone.close();
  two.reply = json(done);
  const client = clientOf(dead, urls[1]!);
  assert.is((await client.settle(payload, asked)).is, 'settled');
  assert.equal(await clientOf(dead).settle(payload, asked), { is: 'unsent' });
  assert.is((await clientOf(dead).verify(payload, asked)).is, 'unknown');
  assert.equal(await new FacilitatorClient([]).settle(payload, asked), { is: 'unsent' });
});

test('after an answer that says nothing, the next call asks the next facilitator', async () => {
  one.reply = { text: '', hangs: true };
  two.reply = json(done);
  const client = clientOf(...urls);
  assert.is((await client.settle(payload, asked)).is, 'unknown');
  assert.is(two.seen.length, 0, 'it may have been carried out: the chain is asked first');
  assert.is((await client.settle(payload, asked)).is, 'settled');
});

test('what it serves', async () => {
  const kind = { x402Version: 2, scheme: 'exact', network: 'eip155:31337' };
  const client = clientOf(urls[0]!);
  one.reply = json({ kinds: [null, kind], extensions: [], signers: {} });
  assert.is(await client.supports('exact', 'eip155:31337'), true);
  assert.is(await client.supports('batch-settlement', 'eip155:31337'), false);
  one.reply = json({ kinds: 'all' });
  assert.is(await client.supports('exact', 'eip155:31337'), undefined);
  one.reply = { text: '', hangs: true };
  assert.is(await client.supports('exact', 'eip155:31337'), undefined);
});

test.run();
