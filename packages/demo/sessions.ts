import type { Table, UbusClient } from 'openwrt-ubus';
import { formatBytes } from './table.js';

/** A session as a line of the demo's table. */
export interface Row {
  readonly mac: string;
  readonly plan: string;
  readonly state: string;
  /** 0 to 1, of the cap that is used up the most. */
  readonly used: number;
  /** What is left of that cap. */
  readonly remaining: string;
  /** bit/s */
  readonly rate: number;
}

/** A session as `sessions` and `usage` reply. */
interface SessionView {
  readonly mac: string;
  readonly plan: string;
  readonly state: string;
  readonly used: Caps;
  readonly remaining: Caps;
}
type Caps = Readonly<Record<'bytes' | 'seconds', number | undefined>>;

/** `sessions` never lists more at once. */
const mostListed = 200;

/** The sessions that have not ended, most used up first, as anybody may ask for them on the bus. */
export async function runningSessions(bus: UbusClient, most: number): Promise<Row[]> {
  const asked = { state: 'live', limit: Math.min(most, mostListed) };
  const { sessions } = (await call(bus, 'sessions', asked)) as unknown as { sessions: SessionView[] };
  const rows = await Promise.all(sessions.map(async (one) => rowOf(one, await rateOf(bus, one.mac))));
  return rows.sort((a, b) => b.used - a.used);
}

/** How many sessions have not ended, by state. */
export async function countSessions(bus: UbusClient): Promise<{ active: number; running: number }> {
  const { sessions } = (await call(bus, 'status')) as unknown as { sessions: Record<string, number> };
  const { active = 0, pending = 0, suspended = 0, closing = 0 } = sessions;
  return { active, running: active + pending + suspended + closing };
}

async function rateOf(bus: UbusClient, mac: string): Promise<number> {
  const { rates } = (await call(bus, 'usage', { mac })) as unknown as {
    rates: { up_bps: number; down_bps: number };
  };
  return rates.up_bps + rates.down_bps;
}

function rowOf({ mac, plan, state, used, remaining }: SessionView, rate: number): Row {
  let [share, left] = [0, ''];
  for (const cap of ['bytes', 'seconds'] as const) {
    const [gone, rest] = [used[cap], remaining[cap]];
    if (gone === undefined || rest === undefined || gone + rest === 0) continue;
    if (left !== '' && gone / (gone + rest) <= share) continue;
    share = gone / (gone + rest);
    left = cap === 'bytes' ? formatBytes(rest) : `${rest} s`;
  }
  return { mac, plan, state, used: share, remaining: left, rate };
}

async function call(bus: UbusClient, method: string, args: Table = {}): Promise<Table> {
  const reply = (await bus.call('turnpike', method, args)) ?? {};
  if ('error' in reply) throw new Error(`turnpike ${method}: ${JSON.stringify(reply.error)}`);
  return reply;
}
