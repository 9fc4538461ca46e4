// A program of its own, started in a customer's room: the client of @x402/fetch buys at the address that it is given.
// `buy`, then shows the same payment `again`; `cut`: hangs up when it has asked, and asks again; `both`: two at once.
import { once } from 'node:events';
import { request } from 'node:http';
import { ExactEvmScheme } from '@x402/evm/exact/client';
import { decodePaymentResponseHeader, wrapFetchWithPaymentFromConfig } from '@x402/fetch';
import { privateKeyToAccount } from 'viem/accounts';
import { keyOf } from '../../../packages/simulators/anvil.js';
import { until } from '../../rig/until.js';

const [url, how] = process.argv.slice(2) as [string, 'again' | 'cut' | 'both'];
const header = 'PAYMENT-SIGNATURE';
/** Payments that were shown. */
const shown: string[] = [];

/** As a person at the page: comes again when told to. */
async function patient(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
  const asked = new Request(input, init);
  const payment = asked.headers.get(header);
  if (payment) {
    shown.push(payment);
    if (how === 'cut') await hangUp(payment);
  }
  return until('an answer that is no 202', async () => {
    const answer = await fetch(asked.clone());
    return answer.status === 202 ? undefined : answer;
  });
}

/** The request is out; its answer may be on its way. */
async function hangUp(payment: string): Promise<void> {
  const asked = request(url, { headers: { [header]: payment } }).on('error', () => {});
  asked.end();
  await once(asked, 'finish');
  asked.destroy();
}

async function told(answer: Response): Promise<object> {
  const { session, error } = (await answer.json()) as { session?: { id: string }; error?: object };
  const { success, transaction } = decodePaymentResponseHeader(answer.headers.get('PAYMENT-RESPONSE')!);
  return { status: answer.status, id: session?.id, success, transaction, error };
}

const schemes = [{ network: 'eip155:*' as const, client: new ExactEvmScheme(privateKeyToAccount(keyOf(1))) }];
const pay = wrapFetchWithPaymentFromConfig(patient, { schemes, spendControls: false });
const answers = await Promise.all(how === 'both' ? [pay(url), pay(url)] : [pay(url)]);
if (how === 'again') answers.push(await patient(url, { headers: { [header]: shown[0]! } }));
console.log(JSON.stringify(await Promise.all(answers.map(told))));
