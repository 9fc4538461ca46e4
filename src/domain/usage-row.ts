import type { Mac } from './mac.js';
import type { Baseline } from './reading.js';
import type { Session } from './session.js';
import type { Bytes, Millis } from './units.js';
import type { Usage } from './usage.js';

/** A baseline without its MAC, which is that of the session. `gateway`: where that is not the session's own. */
type BaselineRow = readonly [ip: string, epoch: number, up: Bytes, down: Bytes, gateway?: string];

/**
 * Usage of one session, in totals and not in differences, so that reading it twice does no harm. It is a list
 * without names, because it is written for every session in every flush interval and causes most of the wear
 * of the flash.
 */
export type UsageRow = readonly [
  id: string,
  up: Bytes,
  down: Bytes,
  millis: Millis,
  age: Millis,
  away: Millis,
  baselines: readonly BaselineRow[],
];

/** The same as the first journals have it. */
export interface NamedUsageRow {
  readonly id: string;
  readonly usage: Usage;
  readonly baselines: readonly Baseline[];
}

export function usageRow({ id, usage, baselines }: Session): UsageRow {
  const { up, down, millis, age, away } = usage;
  const rows = baselines.map(({ ip, epoch, up, down, gateway }) =>
    gateway === undefined ? ([ip, epoch, up, down] as const) : ([ip, epoch, up, down, gateway] as const),
  );
  return [id, up, down, millis, age, away, rows];
}

/** The session that a row speaks of. */
export function rowId(row: UsageRow | NamedUsageRow): string {
  return isList(row) ? row[0] : row.id;
}

/** The inverse of {@link usageRow}; `macOf` tells the device of a session, if there is one of this id. */
export function namedRow(
  row: UsageRow | NamedUsageRow,
  macOf: (id: string) => Mac | undefined,
): NamedUsageRow {
  if (!isList(row)) return row;
  const [id, up, down, millis, age, away, baselines] = row;
  const mac = macOf(id);
  const named =
    mac === undefined
      ? []
      : baselines.map(([ip, epoch, u, d, gateway]) => {
          return { mac, ip, epoch, up: u, down: d, ...(gateway !== undefined && { gateway }) };
        });
  return { id, usage: { up, down, millis, age, away }, baselines: named };
}

function isList(row: UsageRow | NamedUsageRow): row is UsageRow {
  return Array.isArray(row);
}
