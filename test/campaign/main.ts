// npm run campaign: 200 kills of the real process, half of them with each portal, and what the journal costs the flash.

import { nodogsplash } from '../../src/portals/nodogsplash/dialect.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { measureKept } from './backlog.js';
import { Campaign } from './campaign.js';
import { deliverThroughKills } from './outbox.js';
import { seeded } from './random.js';
import { type Figures, faultsOf, figuresOf } from './report.js';
import type { Plan } from './scene.js';
import { flash, load, measureWear } from './wear.js';

const crashes = Number(process.env.CRASHES ?? 200);
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 32);
const hours = 12;

async function run(plan: Plan): Promise<{ figures: Figures; faults: string[] }> {
  const campaign = await Campaign.begin(plan);
  try {
    while (campaign.killed < plan.crashes) await campaign.crash();
    const sessions = await campaign.close();
    const faults = await faultsOf(campaign, sessions);
    return { figures: figuresOf(campaign, sessions), faults };
  } catch (cause) {
    process.stderr.write(campaign.log());
    throw cause;
  } finally {
    await campaign.end();
  }
}

function print(title: string, rows: object): void {
  console.log(`\n${title}`);
  for (const [name, value] of Object.entries(rows)) {
    console.log(`  ${name.replaceAll('_', ' ').padEnd(24)}${String(value).padStart(14)}`);
  }
}

console.log(`SEED=${seed} CRASHES=${crashes}`);
const results: Record<string, Figures> = {};
const faults: string[] = [];
for (const dialect of [opennds, nodogsplash]) {
  const result = await run({ dialect, crashes: Math.ceil(crashes / 2), seed });
  results[dialect.name] = result.figures;
  faults.push(...result.faults);
  print(dialect.name, result.figures);
}
const outbox = await deliverThroughKills(crashes, seeded(seed));
print('two sinks of the outbox', outbox);
if (outbox.undelivered + outbox.outOfOrder > 0) faults.push('the outbox lost records or their order');
const wear = await measureWear(hours);
print(`journal at ${load.clients} clients, one flush each ${load.flushSeconds} s`, wear);
console.log(
  `  = ${Math.round(wear.lifeUsed * 100)}% of ${flash.bytes / 1024 ** 2} MiB × ${flash.eraseCycles} erase cycles in ${flash.years} years\n`,
);
const kept = await measureKept(2, 360, true);
print('kept for a server that never answers, 1,000 sessions a day', kept);
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(JSON.stringify({ seed, ...results, outbox, wear, kept, faults: faults.length }));
process.exitCode = faults.length > 0 ? 1 : 0;
