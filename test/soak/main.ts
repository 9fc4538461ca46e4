// npm run soak -- --minutes 20 --clients 2000 --seed 1: people come and go for a long time while the portal fails.
// `--faults wedge,reset --every 5`: it fails in these ways alone, every so many seconds.
// `--snapshots DIR`: a heap snapshot of each rest.
import { parseArgs } from 'node:util';
import { faultNamed, faultNames } from './faults.js';
import { soak } from './soak.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    clients: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    faults: { type: 'string', default: faultNames.join(',') },
    every: { type: 'string', default: '12' },
    snapshots: { type: 'string' },
  },
});
const faults = values.faults.split(',').map(faultNamed);
const plan = {
  minutes: Number(values.minutes),
  clients: Number(values.clients),
  seed: Number(values.seed),
  faults,
  faultEveryMs: Number(values.every) * 1000,
  ...(values.snapshots !== undefined && { snapshots: values.snapshots }),
};
console.log(`soak: ${plan.minutes} min, ${plan.clients} clients, seed ${plan.seed}`);
const { figures, wrongs } = await soak(plan, (line) => console.log(line));
for (const wrong of wrongs) console.log(`WRONG ${wrong}`);
console.log(JSON.stringify(figures));
process.exitCode = wrongs.length > 0 ? 1 : 0;
