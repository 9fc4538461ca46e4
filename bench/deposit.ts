import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anvilFile } from '../packages/simulators/anvil.js';
import { Street } from '../test/payments/wallet/session/street.js';
import { routerFlags, shop, startProcess } from '../test/rig/daemon.js';
import type { Options } from './options.js';
import { type Spread, spreadOf } from './pairs.js';

export interface DepositResult {
  readonly purchases: number;
  /** From the purchase to the gate, over facilitator and chain, in ms. */
  readonly p50: number;
  readonly p99: number;
  /**
   * From process start to the ubus object, in ms, and resident memory then, in MB: with deposits configured and
   * without.
   */
  readonly start: { readonly without: Spread; readonly with: Spread };
  readonly rss: { readonly without: Spread; readonly with: Spread };
}

const section = `config escrow 'escrow'
	option enabled '1'
	option facilitator 'http://127.0.0.1:9'
	option rpc 'http://127.0.0.1:9'
	option network 'eip155:31337'
	option currency 'USD 2'
	option token '0x${'11'.repeat(20)}'
	option contract '0x${'22'.repeat(20)}'
	option pay_to '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf'
`;
/** The private key 1, which everybody knows: `pay_to` is its account. */
const secrets = `config secret 'escrow'\n\toption key '0x${'1'.padStart(64, '0')}'\n`;

/**
 * What deposits cost: purchases on anvil, and the start and memory of a daemon with deposits and of a daemon without.
 */
export async function measureDeposit({ quick }: Options): Promise<DepositResult | undefined> {
  if (!anvilFile) {
    console.error('not measured: deposits, for there is no chain here');
    return undefined;
  }
  // A facilitator's gas for one seller and day is used up after 127.
  const took = (await purchasesMs(quick ? 10 : 100)).sort((a, b) => a - b);
  const rounds = quick ? 2 : 8;
  const [without, paid]: Sample[][] = [[], []];
  for (let i = 0; i < rounds; i++) {
    without!.push(await startOnce(''));
    paid!.push(await startOnce(section));
  }
  const spread = (of: 'startMs' | 'rssMb') => ({
    without: spreadOf(without!.map((s) => s[of])),
    with: spreadOf(paid!.map((s) => s[of])),
  });
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))]!;
  const percentiles = { purchases: took.length, p50: at(0.5), p99: at(0.99) };
  return { ...percentiles, start: spread('startMs'), rss: spread('rssMb') };
}

/** One customer after the other: from the signed order, which is not timed, to the open gate. */
async function purchasesMs(count: number): Promise<number[]> {
  const street = await Street.open();
  const { router, scene } = street;
  const took: number[] = [];
  try {
    while (took.length < count) {
      const { mac, order } = await router.order(scene.buyer, street.newDevice(), 1000);
      const began = performance.now();
      const { error } = await router.buy(order);
      took.push(performance.now() - began);
      if (error || !router.portal.isOpen(mac)) throw new Error(`no gate: ${JSON.stringify(error)}`);
    }
  } finally {
    await street.close();
  }
  return took;
}

interface Sample {
  readonly startMs: number;
  readonly rssMb: number;
}

async function startOnce(escrow: string): Promise<Sample> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  const began = performance.now();
  const daemon = await startProcess(shop(join(dir, 'ndsctl.sock')) + escrow, { secrets, flags: routerFlags });
  try {
    return { startMs: performance.now() - began, rssMb: daemon.rss() * 1.048576 };
  } finally {
    await daemon.close();
    rmSync(dir, { recursive: true });
  }
}
