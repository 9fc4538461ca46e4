import { existsSync, readFileSync } from 'node:fs';

/** The kernel's id of the present boot; without one, each run of the daemon counts as a boot. */
export function machineOf(boot: string): string {
  const file = '/proc/sys/kernel/random/boot_id';
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : boot;
}
