import { readlinkSync } from 'node:fs';

/** The kernel's list of connections: those of the network that the daemon is in. Only root may open it. */
const path = '/proc/net/nf_conntrack';
const isList = /^\/proc\/.*\/net\/nf_conntrack$/;
/** Where files/usr/lib/turnpike/start has opened it, for a daemon that is not root's: the first after the standard ones. */
const handed = 3;

/** The kernel's list of connections: the descriptor that the daemon was handed at its start, or the path. */
export function connectionList(): string | number {
  try {
    return isList.test(readlinkSync(`/proc/self/fd/${handed}`)) ? handed : path;
  } catch {
    return path;
  }
}
