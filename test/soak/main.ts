// npm run soak -- --minutes 20 --clients 2000 --seed 1: people come and go for a long time while the portal fails.
import { parseArgs } from 'node:util';
import { soak } from './soak.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    clients: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
});
const plan = { minutes: Number(values.minutes), clients: Number(values.clients), seed: Number(values.seed) };
console.log(`soak: ${plan.minutes} min, ${plan.clients} clients, seed ${plan.seed}`);
const { figures, wrongs } = await soak(plan, (line) => console.log(line));
for (const wrong of wrongs) console.log(`WRONG ${wrong}`);
console.log(JSON.stringify(figures));
process.exitCode = wrongs.length > 0 ? 1 : 0;
