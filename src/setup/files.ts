import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * Puts a file in the place of what was there, whole or not at all; a link to it stays one. `text` is in Latin-1. `mode` is
 * that of a new one.
 */
export function putFile(name: string, text: string, mode: number): void {
  const old = statSync(name, { throwIfNoEntry: false });
  const path = old ? realpathSync(name) : name;
  const draft = `${path}.turnpike`;
  try {
    writeFileSync(draft, text, { encoding: 'latin1', mode, flush: true });
    chmodSync(draft, old ? old.mode & 0o777 : mode);
    renameSync(draft, path);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw cause;
  }
}

/** Puts back what a file had in it, or takes away one that was not there. */
export function putBack({ path, before }: { readonly path: string; readonly before: string | null }): void {
  if (before === null) rmSync(path, { force: true });
  else putFile(path, before, 0o644);
}
