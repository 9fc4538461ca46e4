// What the daemon's process costs, as the parts of the benchmark measure it.
import { readFileSync } from 'node:fs';
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

/** The same as {@link cpuOf} of the processes that it has started and that have ended. */
export function cpuOfChildren(pid: number): number {
  const [, , , user, system] = timesOf(pid);
  return (user! + system!) * 10;
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
