// Helper: scan, bus, start and memory, measured on the processor that it was started on, as one line of JSON.

import { startHelper } from './child.js';
import { measureDaemon } from './daemon.js';
import { type ScanResult, scanFlags } from './scan.js';
import { measureUbus } from './ubus.js';

const quick = { quick: true };
const scan = await startHelper('scan-child.js', [], scanFlags);
const { ms } = await scan.ask<ScanResult>({ dialect: 'opennds', clients: 10_000, ...quick });
await scan.stop();
const [bus] = await measureUbus(quick);
const { startMs, rssMb } = await measureDaemon(quick);
console.log(
  JSON.stringify({
    scan: ms.ratio.median,
    scanMs: ms.b.median,
    calls: bus!.together.median,
    start: startMs.median,
    memory: rssMb.median,
  }),
);
