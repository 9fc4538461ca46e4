// Tests that need a chain: where the program cannot run, each says on a line that it was skipped.
import { test } from 'uvu';
import { anvilFile } from '../../packages/simulators/anvil.js';
import { Scene } from '../contracts/scene.js';

/** Adds a test that runs on a chain. */
export function onChain(name: string, run: () => Promise<void>): void {
  if (anvilFile) return void test(name, run);
  console.log(`  SKIPPED, anvil cannot run here: ${name}`);
  test.skip(name);
}

/** One scene for all tests of a file, taken back after each. */
export function withScene(use: (scene: Scene) => void): void {
  if (!anvilFile) return;
  let scene: Scene | undefined;
  let undo: (() => Promise<void>) | undefined;
  test.before(async () => {
    scene = await Scene.start();
    use(scene);
  });
  test.before.each(async () => {
    undo = await scene?.chain.snapshot();
  });
  test.after.each(() => undo?.());
  test.after(() => scene?.chain.stop());
}
