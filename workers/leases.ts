import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** The part of the file that is read, in bytes: some 10,000 leases. */
const mostBytes = 1024 * 1024;
/** A label of a host's name (RFC 1035 §2.3.4), in characters. */
const mostCharacters = 63;

/** `1795343236 02:00:00:00:00:01 10.0.0.7 phone 01:02:00:00:00:00:01`, as dnsmasq writes it (`lease.c`). */
const lineForm = /^\d+ ([0-9a-fA-F:]{17}) \d+\.\d+\.\d+\.\d+ (.+) \S+$/;
/** What dnsmasq writes for a device without a name. */
const nameless = '*';

/**
 * The names that devices gave themselves when they asked for an address, by MAC in lower case. Nobody is kept waiting for
 * them: without a file that can be read there are none.
 */
export async function readNames(file: string): Promise<ReadonlyMap<string, string>> {
  try {
    // A pipe in its place would keep whoever opens it.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) return new Map();
      const room = Buffer.alloc(Math.min(stat.size, mostBytes));
      const { buffer, bytesRead } = await handle.read(room, 0, room.length, 0);
      return namesIn(buffer.toString('latin1', 0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch {
    return new Map();
  }
}

/** The names in a file of dnsmasq's leases. The last line counts when it is whole. */
export function namesIn(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split('\n').slice(0, -1)) {
    const [, mac, said] = lineForm.exec(line) ?? [];
    const name = said === undefined || said === nameless ? '' : cleaned(said);
    if (name !== '') names.set(mac!.toLowerCase(), name);
  }
  return names;
}

/** A device may call itself anything: no more than a label's length of printable ASCII is passed on. */
function cleaned(said: string): string {
  return said
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, mostCharacters);
}
