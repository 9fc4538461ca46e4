// npm run many -- --sessions 9900 --kills 10: a router with thousands of sessions is killed while it sells, its power is cut,
// and its disk fails.
import { parseArgs } from 'node:util';
import { faults, onBadDisk } from './bad-disk.js';
import { DiskPoints } from './disk-points.js';
import { Many } from './many.js';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '9900' },
    kills: { type: 'string', default: '5' },
    sales: { type: 'string', default: '20' },
    points: { type: 'string', default: '30' },
    cuts: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
  },
});
const numbers = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
const plan = numbers as unknown as Parameters<typeof Many.run>[0];
const { wrongs, figures } = await Many.run(plan);
for (const fault of faults) wrongs.push(...(await onBadDisk(plan, fault)));
const disk = await DiskPoints.run(numbers as unknown as Parameters<typeof DiskPoints.run>[0]);
wrongs.push(...disk.wrongs);
for (const wrong of wrongs) console.log(`WRONG ${wrong}`);
console.log(JSON.stringify({ ...figures, disks: faults.length, disk: disk.figures, wrongs: wrongs.length }));
process.exitCode = wrongs.length > 0 ? 1 : 0;
