// A package in both containers that OpenWrt has.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apkOf } from './apk.mjs';
import { ipkOf } from './ipk.mjs';

/**
 * Writes a package for opkg (OpenWrt up to 24.10) and for apk (from 25.12).
 * @param one what {@link ipkOf} and {@link apkOf} take
 * @param processor the one that it is for
 * @returns for each its name, file, size and installed size, in bytes
 */
export async function writeBoth(one, outdir, processor = 'all') {
  const { name, version, release } = one;
  const only = processor === 'all' ? '' : `_${processor}`;
  const made = [
    [`${name}_${version}-${release}_${processor}.ipk`, await ipkOf(one)],
    [`${name}-${version}-r${release}${only}.apk`, await apkOf(one)],
  ];
  return made.map(([basename, { bytes, installed }]) => {
    const file = join(outdir, basename);
    writeFileSync(file, bytes);
    return { name, file, size: bytes.length, installed };
  });
}
