// Tests that need a chain: where the program cannot run, each says on a line that it was skipped.
import { test } from 'uvu';
import { anvilFile } from '../../src/demo/anvil.js';

/** Adds a test that runs on a chain. */
export function onChain(name: string, run: () => Promise<void>): void {
  if (anvilFile) return void test(name, run);
  console.log(`  SKIPPED, anvil cannot run here: ${name}`);
  // The runner counts tests, and takes a file without one for broken.
  test(name, () => {});
}
