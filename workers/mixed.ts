/**
 * A hash whose low bits depend on all bits of the address and on the 32 low ones of the MAC. One is mixed before
 * the other comes in: where addresses are handed out in the order of the MACs, their difference is always the same.
 */
export function mixed(mac: number, ip: number): number {
  const first = Math.imul(mac | 0, 0x9e3779b1);
  const second = Math.imul(first ^ (first >>> 15) ^ ip, 0x85ebca6b);
  return second ^ (second >>> 13);
}
