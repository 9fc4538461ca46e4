// What the daemon's process costs, as the parts of the benchmark measure it.
import { readdirSync, readFileSync } from 'node:fs';
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

/** All threads of a process so far, in ms; the kernel counts in hundredths of a second. */
export function cpuOf(pid: number): number {
  const [, user, system] = timesOf(pid);
  return (user! + system!) * 10;
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
  const [, , , ...waited] = timesOf(pid);
  const shells = childrenOf(pid).flatMap((child) => timesOfShell(child));
  return [...waited, ...shells].reduce((sum, ticks) => sum + ticks, 0) * 10;
}

/** Processes that the threads of one have started. */
function childrenOf(pid: number): number[] {
  const tasks = `/proc/${pid}/task`;
  const lists = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/children`, 'utf8'));
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

/** Nothing of what is no shell, or is no more. */
function timesOfShell(pid: number): number[] {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '/bin/sh\0') return [];
    return timesOf(pid).slice(1);
  } catch {
    return [];
  }
}

/** From `cmajflt` on (proc(5)). */
function timesOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').slice(10, 15).map(Number);
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
