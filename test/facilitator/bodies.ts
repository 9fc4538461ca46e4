// Bodies that no facilitator should take, made from good ones.
import { type Random, whole } from '../rig/random.js';

export interface Sent {
  readonly url: string;
  readonly payload: string;
  readonly type: string;
}

/** What stands in place of a member: wrong types, numbers out of bounds, things that parsers stumble on. */
const oddities: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  2 ** 53,
  1e308,
  '',
  ' 1',
  '1e3',
  '0x10',
  '-5',
  '1.0',
  `${2n ** 256n}`,
  '9'.repeat(79),
  '0x',
  '0xzz',
  `0x${'0'.repeat(39)}`,
  `0x${'f'.repeat(65)}`,
  [],
  {},
  [[[[]]]],
  'eip155:',
  'eip155:0x1',
  '\u0000',
  '💥'.repeat(50),
];

/** Spoils one member, somewhere, of a copy. */
function spoil(good: object, random: Random): object {
  const bad = structuredClone(good) as Record<string, unknown>;
  let parent = bad;
  for (;;) {
    const names = Object.keys(parent);
    const name = names[whole(random, 0, names.length - 1)]!;
    const member = parent[name];
    if (typeof member === 'object' && member !== null && random() < 0.9) {
      parent = member as Record<string, unknown>;
      continue;
    }
    if (random() < 0.3) delete parent[name];
    else parent[name] = oddities[whole(random, 0, oddities.length - 1)];
    return bad;
  }
}

function garble(text: string, random: Random): string {
  const at = whole(random, 0, text.length - 1);
  switch (whole(random, 0, 5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return `${text.slice(0, at)}${String.fromCharCode(whole(random, 0, 0x2fff))}${text.slice(at + 1)}`;
    case 2:
      return `{"__proto__":{"polluted":true},${text.slice(1)}`;
    case 3:
      return '['.repeat(whole(random, 1, 5000));
    case 4:
      return JSON.stringify('x'.repeat(whole(random, 0, 20_000)));
    default:
      return JSON.stringify(oddities[whole(random, 0, oddities.length - 1)]);
  }
}

/** The next body: a spoilt member mostly, else text that is no JSON, or of another type. */
export function malformed(goods: readonly (readonly [string, object])[], random: Random): Sent {
  const [url, good] = goods[whole(random, 0, goods.length - 1)]!;
  const chance = random();
  const payload = chance < 0.6 ? JSON.stringify(spoil(good, random)) : garble(JSON.stringify(good), random);
  const type = chance > 0.97 ? 'text/xml' : 'application/json';
  return { url, payload, type };
}
