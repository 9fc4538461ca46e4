import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package of the registry with a script in the place of the runtime of 100 MB, made in `dir`, and its hash. */
export function runtimeTarball(dir: string, script: string): { tarball: Buffer; integrity: string } {
  const folder = join(dir, 'package', 'bin');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'bun'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'bun'), 0o755);
  const tarball = execFileSync('tar', ['czf', '-', '-C', dir, 'package']);
  return { tarball, integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}` };
}
