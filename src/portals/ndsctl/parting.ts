import type { Dialect } from '../../domain/dialect.js';
import type { PortalClient } from '../../domain/reading.js';
import type { Parting } from '../../ports/portal.js';
import { deauthCommand, listCommand } from './commands.js';
import { NdsctlError } from './error.js';
import { readAll } from './reply.js';
import { type ControlTarget, request } from './socket.js';

/** How often gates that are still open are shut again. */
const turns = 3;

/**
 * Shuts every gate of a portal whose daemon has ended for good: nobody would count its customers, or shut them out.
 */
export async function shutAll(target: ControlTarget, dialect: Dialect): Promise<Parting> {
  try {
    const before = await openAt(target, dialect);
    let open = before;
    for (let turn = 0; turn < turns && open.length > 0; turn += 1) {
      for (const { mac } of open) await request(target, deauthCommand(mac));
      open = await openAt(target, dialect);
    }
    if (open.length === 0) return { shut: before.length };
    return { shut: 0, fault: `${open.length} gates do not shut: restart the portal` };
  } catch (cause) {
    if (cause instanceof NdsctlError) return { shut: 0, fault: cause.message };
    throw cause;
  }
}

async function openAt(target: ControlTarget, dialect: Dialect): Promise<PortalClient[]> {
  const clients = readAll(dialect, (await request(target, listCommand)).reply);
  if (!clients) throw new NdsctlError('failed', 'its reply cannot be read');
  return clients.filter(({ open }) => open);
}
