// Messages of routers as collectors hear them, and a database for them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../src/collector/database.js';
import type { Heard } from '../../src/collector/ledger.js';
import { openSqlite } from '../../src/collector/sqlite.js';
import type { SessionMessage } from '../../src/mqtt/message.js';
import { idOf } from '../mqtt/journal.js';

/** Runs `work` on an empty SQLite file. */
export async function withDatabase(work: (database: Database) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-fleet-'));
  const database = await openSqlite(join(dir, 'fleet.sqlite'));
  try {
    await work(database);
  } finally {
    await database.close();
    rmSync(dir, { recursive: true });
  }
}

export const id = idOf(1);
export const at = 1_790_000_000_000;

interface Numbers {
  readonly boot?: string;
  readonly seq?: number;
  readonly prev?: number;
  readonly at?: number;
}
const originOf = (router: string, { boot = 'b', seq = 1, prev = 0, at: time = at }: Numbers = {}) => {
  return { version: 1, router, boot, seq, prev, at: time } as const;
};

/** Usage of sessions, each with its total. */
export function usage(
  router: string,
  totals: readonly (readonly [string, number])[],
  numbers?: Numbers,
): Heard {
  const sessions = totals.map(([session, total]) => {
    const used = { up_bytes: total, down_bytes: total, millis: total };
    return { session, ...used, total_up_bytes: total, total_down_bytes: total, total_millis: total };
  });
  return { topic: 'usage', message: { ...originOf(router, numbers), sessions } };
}

/** What became of the session {@link id}. */
export function told(router: string, more: Partial<SessionMessage>, numbers?: Numbers): Heard {
  const message: SessionMessage = {
    ...originOf(router, numbers),
    ...{ event: 'opened', session: id, mac: '02:00:00:00:00:01', gateway: 'lan', user: null, plan: 'small' },
    ...{ state: 'active', cause: null, total_up_bytes: 0, total_down_bytes: 0, total_millis: 0 },
    ...{ opened: at, closed: null, lots: [], refunds: [], ...more },
  };
  return { topic: 'session', message };
}
