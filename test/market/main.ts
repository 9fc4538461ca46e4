// npm run market -- --operations 10000 --seed 1: two dozen people at a daemon that is killed again and again.
import { parseArgs } from 'node:util';
import { Market } from './market.js';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '10000' },
    each: { type: 'string', default: '120' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
});
const plan = {
  operations: Number(values.operations),
  each: Number(values.each),
  seed: Number(values.seed),
};
console.log(`market: ${JSON.stringify(plan)}`);
const { wrongs, summary } = await Market.run(plan, (line) => console.log(line));
for (const wrong of wrongs) console.log(`WRONG ${wrong}`);
console.log(summary);
process.exitCode = wrongs.length > 0 ? 1 : 0;
