// `npm run bench`: all measurements one after the other, as a table, `latest.json`, plots and a part of the README.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureDaemon } from './daemon.js';
import { measureDelay } from './delay.js';
import { measureDeposit } from './deposit.js';
import { measureEscrow } from './escrow.js';
import { measureGrowth } from './growth.js';
import { measureKernelGrowth } from './growth-kernel.js';
import { measureKernel } from './kernel.js';
import type { Options } from './options.js';
import { measureOrders } from './orders.js';
import { measureOvershoot } from './overshoot.js';
import { measurePage } from './page.js';
import { plotsOf } from './plots.js';
import { measureProcesses } from './processes.js';
import { measureRadius } from './radius.js';
import { measureReplay } from './replay.js';
import { describeMachine, linesOf, type Report } from './report.js';
import { measureRestart } from './restart.js';
import { measureScan } from './scan.js';
import { markdownTable, terminalTable } from './tables.js';
import { measureUbus } from './ubus.js';

const folder = join(process.cwd(), 'bench');
const marks = { begin: '<!-- bench begin -->', end: '<!-- bench end -->' };

async function measure(options: Options): Promise<Report> {
  return {
    date: new Date().toISOString(),
    quick: options.quick,
    machine: describeMachine(),
    scan: await step('scanner and ledger', () => measureScan(options)),
    processes: await step('a process for each client', () => measureProcesses(options)),
    delay: await step('event loop', () => measureDelay(options)),
    ubus: await step('ubus', () => measureUbus(options)),
    radius: await part('RADIUS', () => measureRadius(options)),
    orders: await step('orders of a server', () => measureOrders(options)),
    escrow: await step('vouchers', () => measureEscrow(options)),
    deposit: await part('deposits', () => measureDeposit(options)),
    kernel: await part('table in the kernel', () => measureKernel(options)),
    restart: await part('restart with the table', () => measureRestart(options)),
    overshoot: await step('overshoot', () => measureOvershoot(options)),
    daemon: await step('daemon', () => measureDaemon(options)),
    growth: await step('growth', () => measureGrowth(options)),
    kernelGrowth: await part('growth with the table', () => measureKernelGrowth(options)),
    replay: await step('replay', () => measureReplay(options)),
    pageBytes: Number(process.env.PAGE_BYTES),
    page: await part("customers' page", () => measurePage(options)),
  };
}

async function step<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  process.stderr.write(`measuring: ${name}\n`);
  return work();
}

/** A part that the others do not wait for: when it fails, that is told and the table has no lines of it. */
async function part<Result>(name: string, work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await step(name, work);
  } catch (cause) {
    console.error(`FAILED: ${name}: ${(cause as Error).message.split('\n', 1)}`);
    process.exitCode = 1;
    return undefined;
  }
}

/** Only a whole run is kept: a quick one is for the eye. */
function keep(report: Report, table: string): void {
  writeFileSync(join(folder, 'latest.json'), `${JSON.stringify(report, null, 2)}\n`);
  const plots = plotsOf(report);
  for (const [name, svg] of Object.entries(plots)) writeFileSync(join(folder, name), svg);
  const { cpu, cores, memoryGb, node } = report.machine;
  const where = `${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}, ${report.date.slice(0, 10)}`;
  const images = Object.keys(plots).map((name) => `![${name.replace('.svg', '')}](${name})`);
  const file = join(folder, 'README.md');
  const text = readFileSync(file, 'utf8');
  const begin = text.indexOf(marks.begin) + marks.begin.length;
  const part = `\n${where}; medians of rounds taken in turns.\n\n${table}\n\n${images.join('\n')}\n`;
  writeFileSync(file, text.slice(0, begin) + part + text.slice(text.indexOf(marks.end)));
}

process.stderr.write('not measured here: its own gate beside portals (npm run bench:gates, as root)\n');
const report = await measure({ quick: process.argv.includes('--quick') });
const lines = linesOf(report);
console.log(terminalTable(lines));
if (!report.quick) keep(report, markdownTable(lines));
