import type { Dialect } from '../../domain/dialect.js';
import type { Rates } from '../../domain/reading.js';

/** How a client is let through: openNDS takes rates with the command, nodogsplash the client alone. */
export function authCommand(dialect: Dialect, client: string, rates: Rates): string {
  if (dialect.name === 'nodogsplash') return `auth ${client}`;
  const { upRate = 0, downRate = 0 } = rates;
  // client, minutes, kbit/s up and down, KiB up and down. 0 is the portal's own default, which is "none" where its
  // `sessiontimeout`, rates and quotas are left at 0. Its quotas are never used: they are checked too seldom.
  return `auth ${client},0,${Math.trunc(upRate)},${Math.trunc(downRate)},0,0`;
}

export function deauthCommand(client: string): string {
  return `deauth ${client}`;
}

/** One client; all of them with no argument, which only the worker asks for. */
export function jsonCommand(client: string): string {
  return `json ${client}`;
}
