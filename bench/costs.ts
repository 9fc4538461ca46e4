// What the daemon's process costs, as the parts of the benchmark measure it.
import { readFileSync } from 'node:fs';
import { childrenOf, statIn } from '../test/rig/children.js';
import type { DaemonProcess } from '../test/rig/daemon.js';

/** Ends the daemon and starts it. @returns from the start of the process to its object on ubus, in ms */
export async function restart(daemon: DaemonProcess): Promise<number> {
  await daemon.end('SIGTERM');
  let registered = 0;
  const stop = await daemon.bus.listen('ubus.object.add', (_event, { path }) => {
    if (path === 'turnpike') registered = performance.now();
  });
  const started = performance.now();
  await daemon.start();
  await stop();
  return registered - started;
}

/** A clock tick of `/proc`, in ms. */
const tickMs = 10;

/** All threads of a process so far, in ms; the kernel counts in hundredths of a second. */
export function cpuOf(pid: number): number {
  return timesOf(pid).own;
}

/** The thread of a process that serves calls so far, in ms, to the nanosecond (`/proc/PID/task/TID/schedstat`). */
export function cpuOfServing(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

/**
 * The same as {@link cpuOf} of the programs that it has started and that have ended, and of the shells that start them: of
 * those, some are still there.
 */
export function cpuOfStarted(pid: number): number {
  const shells = childrenOf(pid).filter(({ command }) => command === '/bin/sh\0');
  return shells.reduce((sum, { stat }) => sum + cpuIn(stat), timesOf(pid).waited);
}

/** A process and the children that it has waited for, in ms. @param stat see {@link statIn} */
export function cpuIn(stat: readonly string[]): number {
  const { own, waited } = timesIn(stat);
  return own + waited;
}

function timesOf(pid: number) {
  return timesIn(statIn(readFileSync(`/proc/${pid}/stat`, 'utf8')));
}

/** `utime`, `stime`, `cutime` and `cstime` of proc(5), added up in ms. */
function timesIn(stat: readonly string[]) {
  const [user, system, childUser, childSystem] = stat.slice(11, 15).map(Number);
  return { own: (user! + system!) * tickMs, waited: (childUser! + childSystem!) * tickMs };
}

/** Memory of a process, in MB: all that is resident, or what of it is no file's. */
export function memoryOf(pid: number, which: 'VmRSS' | 'RssAnon'): number {
  const line = new RegExp(`^${which}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return (Number(line?.[1]) * 1024) / 1e6;
}

/** A sale of the plan `time` for cash. @throws when nothing is sold */
export async function buy(
  daemon: DaemonProcess,
  order: { readonly mac: string; readonly idempotency_key: string; readonly steps?: number },
): Promise<void> {
  const payment = { method: 'cash', reference: 'till' };
  const { id, error } = await daemon.call('purchase', { ...order, plan: 'time', payment });
  if (!id) throw new Error(`nothing was sold: ${JSON.stringify(error)}`);
}
