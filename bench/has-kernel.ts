import { existsSync } from 'node:fs';
import { Room } from '../test/system/rig/room.js';

/**
 * Whether there are network namespaces and nft here. What fails where they are is a failure: a part of the table that is
 * left out has no mark that it could miss.
 */
export async function hasKernel(): Promise<boolean> {
  if (!existsSync('/usr/sbin/nft')) return false;
  try {
    await (await Room.open()).close();
    return true;
  } catch {
    return false;
  }
}
