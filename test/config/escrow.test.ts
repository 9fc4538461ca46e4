import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { longestDelay } from '../../src/payments/wallet/batch/channel.js';
import type { EscrowConfig } from '../../src/payments/wallet/section.js';
import { loadConfig } from '../../src/wiring/schema.js';

const account = `0x${'1'.repeat(40)}`;
const secrets = { text: `config secret 'escrow'\n\toption key '0x${'1'.repeat(64)}'\n`, file: 's' };

/** A section that says what must be said, and `lines`. */
function read(...lines: string[]): ReturnType<typeof loadConfig> {
  const options = [
    "enabled '1'",
    "facilitator 'https://facilitator.example'",
    "rpc 'https://rpc.example'",
    "network 'eip155:8453'",
    "currency 'USDC 6'",
    ...['token', 'contract', 'pay_to'].map((name) => `${name} '${account}'`),
    ...lines,
  ];
  const text = `config gateway 'lan'\n\toption type 'opennds'\nconfig escrow 'escrow'\n`;
  return loadConfig(text + options.map((option) => `\toption ${option}\n`).join(''), 'f', secrets);
}

function escrowOf(...lines: string[]): EscrowConfig {
  const result = read(...lines);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.config.upstreams.escrow as EscrowConfig;
}

function faultsOf(...lines: string[]): string[] {
  const result = read(...lines);
  return result.ok ? [] : result.faults.map(({ option, code }) => `${option} ${code}`);
}

test('times that are not said are ten minutes and a day', () => {
  const { chargeInterval, margin, duration } = escrowOf();
  assert.equal([chargeInterval, margin, duration], [600_000, 600_000, 86_400_000]);
});

test('charges are made every minute at most, and every day at least', () => {
  for (const [span, wanted] of [
    ['1min', 60_000],
    ['90', 90_000],
    ['24h', 86_400_000],
  ] as const)
    assert.is(escrowOf(`charge_interval '${span}'`).chargeInterval, wanted, span);
  for (const span of ['59s', '25h', '0', 'often'])
    assert.equal(faultsOf(`charge_interval '${span}'`), ['charge_interval bad_value'], span);
});

test('a deposit is settled before it expires', () => {
  assert.equal(faultsOf("duration '1h'", "margin '1h'"), ['margin conflict']);
});

test('a channel cannot be held for longer than its contract allows: nobody is told 60 days and gets 30', () => {
  const batch = "method 'x402-batch'";
  assert.equal(faultsOf(batch, "duration '60d'"), ['duration conflict']);
  assert.is(escrowOf(batch, "duration '30d'").duration, longestDelay * 1000);
  assert.is(escrowOf("duration '60d'").duration, 60 * 86_400_000, 'a deposit for a session can be');
});

test.run();
