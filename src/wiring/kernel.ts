import { randomInt } from 'node:crypto';
import { systemClock } from '../clock.js';
import type { MainConfig } from '../config/main.js';
import type { EngineParts } from '../engine/parts.js';
import { connectionList } from '../kernel/connection-list.js';
import { counterReader } from '../kernel/counters.js';
import type { Written } from '../kernel/events.js';
import { GuardedTable } from '../kernel/guard.js';
import { lively } from '../kernel/lively.js';
import { Marks } from '../kernel/marks.js';
import { RulesetMonitor } from '../kernel/monitor.js';
import { table as tableName } from '../kernel/names.js';
import { nftAt } from '../kernel/nft.js';
import { OwnWrites } from '../kernel/own-writes.js';
import { PortalRules } from '../kernel/portal-rules.js';
import { KernelTable } from '../kernel/table.js';
import { Witness } from '../kernel/witness.js';
import { Cadence } from '../portals/metering/cadence.js';
import type { MeterPool } from '../portals/metering/pool.js';
import type { KernelGate } from '../ports/kernel.js';
import type { Log } from '../ports/log.js';

/** When the counters are read, in ms, and the largest share of the time that this takes. */
const reading = { minMs: 250, maxMs: 10_000, share: 0.25 };

/** Makes the table in the kernel, and speaks of its gates for portals that have no other. */
export type KernelMaking = NonNullable<EngineParts['kernel']> & { readonly gate?: KernelGate };

/** The table in the kernel, by the nft program that is configured. Its counters are read in the worker threads. */
export function kernelOf({ nft: file, markMask }: MainConfig, pool: MeterPool, log: Log): KernelMaking {
  const marks = new Marks(markMask);
  const readAll = counterReader(file, marks.most, (task) => pool.counters(task));
  // Connections may carry marks of an earlier run, so indexes go on from anywhere.
  const after = randomInt(marks.most);
  const own = new OwnWrites(systemClock);
  const nft = nftAt(file, own);
  const witness = new Witness({
    ...{ file: connectionList(), marks, log, now: () => systemClock.mono() },
    run: (task) => pool.testimony(task),
  });
  let table: KernelTable | undefined;
  return {
    make: (wanted, news) => {
      table = new KernelTable({ nft, readAll, wanted, marks, log, after, witness });
      return new GuardedTable({
        table,
        ...{ wanted, nft, log, clock: systemClock },
        rules: new PortalRules(nft, (portal, missing) => news.portalRules(portal, missing)),
        isOwn: (pid) => own.has(pid),
        listen: (heard) => {
          const written = (one: Written) => own.whenNamed(() => heard(one));
          return new RulesetMonitor({ file, clock: systemClock, log, written });
        },
      });
    },
    gate: {
      get isKept() {
        return table?.isKept ?? false;
      },
      passes: (mac) => table?.passes(mac) ?? false,
      sent: (mac) => table?.sent(mac) ?? 0,
      settle: async () => table?.settle(),
    },
    cadence: lively(new Cadence(reading)),
  };
}

/** Takes out the table that an earlier run left in the kernel. Never rejects: there may be no nft. */
export async function dropTable(file: string): Promise<void> {
  await nftAt(file)(['-f', '-'], `add table ${tableName}\ndelete table ${tableName}\n`).catch(() => {});
}
