import { existsSync, statfsSync } from 'node:fs';

/** `f_type` of a tmpfs (magic.h). */
const tmpfsMagic = 0x01021994;
const places = ['/tmp', '/run', '/var'];

/** Where openNDS puts its control socket when nobody says where: into the first of its places that is a tmpfs. */
export function usualSocket(): string {
  const place = places.find((dir) => existsSync(dir) && statfsSync(dir).type === tmpfsMagic);
  return `${place ?? places[0]}/ndsctl.sock`;
}
