import type { Table } from 'openwrt-ubus';
import { bytesOf, cents, secondsOf, usageOf } from './audit.js';
import type { Campaign } from './campaign.js';
import { byTime, macs, windowMs } from './scene.js';

/** Figures of a campaign, all of them sums over its whole length. */
export interface Figures {
  readonly kills: number;
  readonly kills_starting: number;
  readonly kills_with_portal: number;
  readonly kills_with_wedge: number;
  readonly orders: number;
  readonly orders_repeated: number;
  /** Orders that came before the daemon had its portals, and were refused until then. */
  readonly orders_too_early: number;
  readonly sessions: number;
  readonly moved_bytes: number;
  readonly billed_bytes: number;
  /** Of what was not billed: shown in no reply of the portal before it forgot the client. */
  readonly never_shown_bytes: number;
  /** Of what was not billed: known to a daemon that died before it was written. */
  readonly lost_bytes: number;
  readonly recovery_ms_p50: number;
  readonly recovery_ms_max: number;
  readonly set_aside: number;
}

/** What the campaign did, from the sessions at its end. */
export function figuresOf(campaign: Campaign, sessions: readonly Table[]): Figures {
  const { kills, till, traffic, portal, recoveries } = campaign;
  const total = (of: (mac: (typeof macs)[number]) => number) => macs.reduce((sum, mac) => sum + of(mac), 0);
  const moved = total((mac) => traffic.served(mac));
  const billed = total((mac) => usageOf(sessions, mac));
  const unseen = total((mac) => Math.min(portal.unread(mac), traffic.served(mac) - usageOf(sessions, mac)));
  const sorted = [...recoveries].sort((a, b) => a - b);
  return {
    kills: campaign.killed,
    kills_starting: kills.starting,
    kills_with_portal: campaign.portalLosses,
    kills_with_wedge: campaign.wedges,
    orders: till.orders.size,
    orders_repeated: till.repeated,
    orders_too_early: Object.values(till.refusals).reduce((sum, n) => sum + n, 0),
    sessions: sessions.length,
    moved_bytes: moved,
    billed_bytes: billed,
    never_shown_bytes: unseen,
    lost_bytes: moved - billed - unseen,
    recovery_ms_p50: Math.round(sorted[sorted.length >> 1] ?? 0),
    recovery_ms_max: Math.round(sorted.at(-1) ?? 0),
    set_aside: campaign.log().match(/journal: .*(damaged|missing)/g)?.length ?? 0,
  };
}

/** Closes the books: sums over everything that was sold, each of them exact, and the same after one more crash. */
export async function faultsOf(campaign: Campaign, sessions: readonly Table[]): Promise<string[]> {
  const faults = [...(await wrongSums(campaign, sessions)), ...timeFaults(campaign, sessions)];
  const again = await campaign.reopen();
  if (JSON.stringify(again) !== JSON.stringify(sessions))
    faults.push('the books differ after one more crash');
  faults.push(...(await wrongSums(campaign, again)));
  const code = await campaign.stop();
  if (code !== 0) faults.push(`the exit code is ${code}`);
  return faults;
}

async function wrongSums(campaign: Campaign, sessions: readonly Table[]): Promise<string[]> {
  const lots = sessions.flatMap((s) => s.lots as Table[]);
  const refunds = sessions.flatMap((s) => s.refunds as Table[]);
  const ordered = [...campaign.till.orders.values()].reduce((sum, o) => sum + o.steps, 0);
  const paid = lots.reduce((sum, lot) => sum + cents((lot.paid as Table).amount), 0);
  const given = refunds.reduce((sum, refund) => sum + cents(refund.amount), 0);
  const billed = sessions.reduce((sum, s) => sum + bytesOf(s), 0);
  const stats = await campaign.stats();
  const sums = [
    {
      what: 'lots',
      is: lots.reduce((n, lot) => n + Number(lot.count), 0),
      wanted: campaign.till.orders.size,
    },
    { what: 'cents paid', is: paid, wanted: ordered },
    { what: 'cents of revenue', is: stats.revenue, wanted: paid - given },
    { what: 'bytes in the statistics', is: stats.bytes, wanted: billed },
  ];
  return sums.filter((s) => s.is !== s.wanted).map((s) => `${s.what}: ${s.is} and not ${s.wanted}`);
}

/** Time that was billed beyond what the gate was open, or not billed beyond what each crash may cost. */
function timeFaults(campaign: Campaign, sessions: readonly Table[]): string[] {
  const crashes = campaign.recoveries.length + campaign.kills.starting;
  const faults: string[] = [];
  for (const mac of byTime) {
    const mine = sessions.filter((s) => s.mac === mac);
    const used = mine.reduce((sum, s) => sum + secondsOf(s), 0) * 1000;
    const { openMs, watchedMs } = campaign.traffic.times(mac);
    // Seconds are shown cut, and a gate is open a moment before and after its session's time runs.
    const slack = mine.length * 1000 + crashes * 100;
    const least = watchedMs - crashes * windowMs - slack;
    if (used > openMs + slack || used < least) {
      faults.push(`${mac} was billed ${used} ms; its gate was open for ${Math.round(openMs)} ms`);
    }
  }
  return faults;
}
