import { cpus, totalmem } from 'node:os';
import { dialectNamed } from '../packages/simulators/dialects/registry.js';
import type { DaemonResult } from './daemon.js';
import type { DelayResult } from './delay.js';
import type { DepositResult } from './deposit.js';
import type { EscrowResult } from './escrow.js';
import type { GrowthResult } from './growth.js';
import type { KernelGrowthResult } from './growth-kernel.js';
import type { KernelResult } from './kernel.js';
import {
  atLeast,
  atMost,
  flat,
  group,
  type Line,
  line,
  megabytes,
  milliseconds,
  octets,
  percent,
  times,
} from './line.js';
import type { OrdersResult } from './orders.js';
import type { OvershootResult } from './overshoot.js';
import type { PageResult } from './page.js';
import type { Pair } from './pairs.js';
import type { ProcessResult } from './processes.js';
import type { RadiusResult } from './radius.js';
import type { ReplayResult } from './replay.js';
import type { RestartResult } from './restart.js';
import type { ScanResult } from './scan.js';
import { inFlight, type UbusResult } from './ubus.js';

/** All that a run measured: `latest.json`. */
export interface Report {
  readonly date: string;
  readonly quick: boolean;
  readonly machine: { cpu: string; cores: number; memoryGb: number; node: string };
  readonly scan: readonly ScanResult[];
  readonly processes: readonly ProcessResult[];
  readonly delay: readonly DelayResult[];
  readonly ubus: readonly UbusResult[];
  /** Undefined where FreeRADIUS is not installed. */
  readonly radius: RadiusResult | undefined;
  readonly orders: OrdersResult;
  readonly escrow: EscrowResult;
  /** Undefined where there is no chain. */
  readonly deposit: DepositResult | undefined;
  readonly overshoot: OvershootResult;
  /** Undefined where there are no network namespaces. */
  readonly kernel: readonly KernelResult[] | undefined;
  /** Undefined where there are no network namespaces. */
  readonly restart: RestartResult | undefined;
  readonly daemon: DaemonResult;
  readonly growth: GrowthResult;
  /** Undefined where there are no network namespaces. */
  readonly kernelGrowth: KernelGrowthResult | undefined;
  readonly replay: ReplayResult;
  /** What the customers' page adds to the installed package. */
  readonly pageBytes: number;
  /** Undefined where there are no network namespaces. */
  readonly page: PageResult | undefined;
}

export function describeMachine(): Report['machine'] {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

/** The lines of the table, in the order of the report. */
export function linesOf(report: Report): Line[] {
  return [
    ...report.scan.flatMap(scanLines),
    ...report.processes.map(({ clients, process, ms }) =>
      line(
        `a process (${process}) for each of ${group(clients)} clients / one poll`,
        ms.ratio,
        times,
        atLeast(50),
      ),
    ),
    ...report.delay.map(({ clients, p99 }) =>
      line(
        `event-loop delay p99, ${group(clients)} clients polled every second`,
        flat(p99),
        milliseconds,
        clients === 10_000 ? atMost(5) : undefined,
      ),
    ),
    ...report.ubus.flatMap(ubusLines),
    ...(report.radius ? radiusLines(report.radius) : []),
    line('Disconnect-Request to shut gate, p50', flat(report.orders.p50), milliseconds),
    line('the same, p99', flat(report.orders.p99), milliseconds, atMost(1000)),
    line('vouchers checked a second', report.escrow.signatures.a, group),
    line('the same / verifyTypedData of viem', report.escrow.signatures.ratio, times, atLeast(5)),
    ...(report.deposit ? depositLines(report.deposit) : []),
    ...(report.kernel ?? []).flatMap(kernelLines),
    line('overshoot of a 50 MB cap at 100 Mbit/s', report.overshoot.share, percent, atMost(0.01)),
    line(
      `resident memory, ${group(report.daemon.sessions)} sessions, node ${report.daemon.flags.join(' ')}`,
      report.daemon.rssMb,
      megabytes,
      atMost(90),
    ),
    ...(report.quick
      ? []
      : [
          line('the same on a router with less than 512 MB', report.daemon.smallRssMb, megabytes, atMost(90)),
          line('the same without these flags', report.daemon.plainRssMb, megabytes),
        ]),
    line('process start to ubus object', report.daemon.startMs, milliseconds, atMost(400)),
    line(`the same with ${group(report.daemon.sessions)} sessions`, report.daemon.restartMs, milliseconds),
    ...growthLines(report.growth),
    ...(report.kernelGrowth ? kernelGrowthLines(report.kernelGrowth) : []),
    ...(report.restart ? restartLines(report.restart) : []),
    line(
      `records of a journal taken in a second, of ${group(report.replay.records)}`,
      report.replay.rate,
      group,
      atLeast(100_000),
    ),
    line("the customers' page in the installed package", flat(report.pageBytes), octets, atMost(120_000)),
    ...(report.page ? pageLines(report.page) : []),
  ];
}

function pageLines({ sessions, prices, status, crowd, visits, memory, own, start }: PageResult): Line[] {
  const at = `${group(sessions)} sessions`;
  return [
    line(`prices to a phone, ${at}, p50`, flat(prices.p50), milliseconds, atMost(5)),
    line('the same, p99', flat(prices.p99), milliseconds, atMost(25)),
    line(`status to a phone, ${at}, p50`, flat(status.p50), milliseconds, atMost(5)),
    line('the same, p99', flat(status.p99), milliseconds, atMost(25)),
    line(
      `${crowd.phones} phones in ${crowd.withinMs / 1000} s: the page for the one that waited longest`,
      crowd.longestMs,
      milliseconds,
      atMost(2_000),
    ),
    line(
      `resident memory with the page, after ${visits} visits, above without`,
      memory.difference,
      megabytes,
      atMost(8),
    ),
    line('the same without pages of files', own, megabytes),
    line('process start with the page, above without', start.difference, milliseconds, atMost(60)),
  ];
}

function growthLines({ sessions, sale, topUps, topUp, restart }: GrowthResult): Line[] {
  const open = `${group(sessions)} sessions`;
  return [
    line(`CPU of a sale with ${open} / with 100`, sale.ratio, times, atMost(1.5)),
    line(`CPU of a sale with ${open}`, sale.a, milliseconds),
    line(`CPU of a top-up after ${group(topUps)} / of the first`, topUp.ratio, times, atMost(1.5)),
    line(`CPU of a start after a kill, ${open}`, restart.a, milliseconds, atMost(2_000)),
    line('the same with none', restart.b, milliseconds),
  ];
}

function kernelGrowthLines({ sessions, sale, nft, topUps, topUp }: KernelGrowthResult): Line[] {
  const open = `${group(sessions)} sessions`;
  const table = "with the kernel's table";
  return [
    line(`CPU of a sale with ${open} / with 100, ${table}`, sale.ratio, times, atMost(1.5)),
    line(`CPU of a sale with ${open}, ${table}`, sale.a, milliseconds),
    line(`CPU of nft for a sale with ${open}`, nft.a, milliseconds),
    line('the same / with 100', nft.ratio, times),
    line(`CPU of a top-up after ${group(topUps)} / of the first, ${table}`, topUp.ratio, times, atMost(1.5)),
    line(`CPU of a top-up, ${table}`, topUp.b, milliseconds),
  ];
}

function restartLines({ sessions, cpu, late, lost, sent }: RestartResult): Line[] {
  const start = `start after a kill with the kernel's table, ${group(sessions)} sessions`;
  return [
    line(`${start}: CPU until up`, cpu, milliseconds, atMost(2_000)),
    line('time that ends during it: the last packet is late by', late, milliseconds, atMost(300)),
    line('the same of the latest one', flat(late.max), milliseconds, atMost(300)),
    line(`packets lost of ${group(sent)} of a customer who has paid`, flat(lost), group, atMost(0)),
  ];
}

function scanLines({ dialect, clients, ms, garbage }: ScanResult): Line[] {
  const portal = `${dialectNamed(dialect)!.title}, ${group(clients)} clients`;
  const marked = dialect === 'opennds' && clients === 10_000;
  const perClient = flat(garbage.moving / clients);
  return [
    line(
      `JSON.parse and Map / scanner and ledger, ${portal}`,
      ms.ratio,
      times,
      marked ? atLeast(5) : undefined,
    ),
    ...(marked ? [line(`heap left by a poll for each client, ${portal}`, perClient, octets, atMost(1))] : []),
  ];
}

function kernelLines({ sessions, look, sale, topUp }: KernelResult): Line[] {
  const beside = (what: string, { ratio }: Pair) =>
    line(`audit of the kernel's table / ${what}, ${group(sessions)} sessions`, ratio, times);
  return [beside('one look at its counters', look), beside('a sale', sale), beside('a top-up', topUp)];
}

function ubusLines({ broker, alone, together }: UbusResult): Line[] {
  const through = broker === 'embedded' ? 'the embedded broker' : 'ubusd';
  return [
    line(`ubus calls a second through ${through}, one at a time`, alone, group),
    line(`ubus calls a second through ${through}, ${inFlight} in flight`, together, group, atLeast(40_000)),
  ];
}

function radiusLines({ parallel, rate }: RadiusResult): Line[] {
  return [
    line(`RADIUS accounting requests a second to FreeRADIUS, ${parallel} in flight`, rate.a, group),
    line('the same / radclient', rate.ratio, times),
  ];
}

function depositLines({ purchases, p50, p99, start, rss }: DepositResult): Line[] {
  return [
    line(`purchase to open gate with a deposit, anvil, ${purchases} purchases, p50`, flat(p50), milliseconds),
    line('the same, p99', flat(p99), milliseconds),
    line('process start with no escrow configured', start.without, milliseconds),
    line('the same with one', start.with, milliseconds),
    line('resident memory with no escrow configured', rss.without, megabytes),
    line('the same with one', rss.with, megabytes),
  ];
}
