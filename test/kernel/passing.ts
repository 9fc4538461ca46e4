import * as assert from 'uvu/assert';
import type { Nft } from '../../src/kernel/nft.js';
import type { Kernel } from './simulated.js';

/** Puts something in the place of nft. */
export function through(kernel: Kernel, wrap: (nft: Nft) => Nft): void {
  Object.assign(kernel, { nft: wrap(kernel.nft) });
}

/** The devices that pass by all three elements, and no other element. */
export function passing({ elements }: Kernel): string[] {
  const keysOf = (set: string) => [...(elements.get(set)?.keys() ?? [])];
  const found: string[] = [];
  for (const [set, own, how] of [
    ['live', 'own', 'here'],
    ['away', 'away_own', 'away'],
  ] as const) {
    const pairs = keysOf(own).map((key) => key.split(' . '));
    assert.equal(pairs.map(([mark]) => mark).sort(), keysOf(set).sort());
    for (const [, mac] of pairs) found.push(`${mac} ${how}`);
  }
  assert.equal(found.map((one) => one.slice(0, 17)).sort(), keysOf('paid').sort());
  return found.sort();
}
