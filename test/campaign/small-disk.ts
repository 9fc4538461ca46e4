import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const inside = 'TURNPIKE_TEST_ROOM';

/**
 * Runs this very file once more in a mount namespace of its own, and never returns from the first run: whatever is
 * mounted goes with the last process in it, even if that one is killed. Needs root.
 */
export function enterRoom(): void {
  if (process.env[inside]) return;
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status, error } = spawnSync('unshare', ['--mount', '--propagation', 'private', ...self], {
    stdio: 'inherit',
    env: { ...process.env, [inside]: '1' },
  });
  if (error) throw error;
  process.exit(status ?? 1);
}

/** A disk of a few hundred kilobytes that can be filled and emptied. */
export class SmallDisk {
  readonly path = mkdtempSync(join(tmpdir(), 'turnpike-disk-'));
  readonly #ballast = join(this.path, 'ballast');

  /** `inodes`: files that it can hold. */
  constructor(kilobytes: number, inodes = 1000) {
    const options = `size=${kilobytes}k,nr_inodes=${inodes},mode=700`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'turnpike-test', this.path]);
  }

  /** Takes all the room that is left. */
  fill(): void {
    const fd = openSync(this.#ballast, 'a');
    try {
      for (;;) writeSync(fd, Buffer.alloc(1024));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
    } finally {
      closeSync(fd);
    }
  }

  /** Takes all inodes that are left. @returns how to give them back */
  fillInodes(): () => void {
    const crowd = mkdtempSync(join(this.path, 'crowd-'));
    try {
      for (let n = 0; ; n++) closeSync(openSync(join(crowd, `${n}`), 'wx'));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
    }
    return () => rmSync(crowd, { recursive: true });
  }

  /** Gives it back. */
  free(): void {
    rmSync(this.#ballast);
  }

  remove(): void {
    execFileSync('umount', [this.path]);
    rmSync(this.path, { recursive: true });
  }
}
