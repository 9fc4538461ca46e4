import * as assert from 'uvu/assert';
import { type Nft, NftError } from '../../src/kernel/nft.js';

/** A chain: what is said of it, and its rules with their handles. */
interface Chain {
  readonly name: string;
  readonly type: string;
  readonly rules: { handle: number; text: string }[];
}

/** nft's end: refuses what the kernel would refuse, such as an object that is still in use. */
export class Kernel {
  there = false;
  chains: Chain[] = [];
  /** The next handle: the kernel gives none twice. */
  #handle = 1;
  #table = 0;
  /** nft ends by a signal when it is to list the whole table. */
  isUnlistable = false;
  /** An nft that says nothing of a limit's direction. */
  isTerse = false;
  /** Name -> bytes a second. */
  limits = new Map<string, number>();
  quotas = new Map<string, { bytes: number; used: number }>();
  counters = new Map<string, number>();
  elements = new Map<string, Map<string, string>>();
  scripts: string[] = [];
  flowtable = false;

  readonly nft: Nft = async (args, script = '') => {
    if (args.includes('flowtables')) return this.#json(this.flowtable ? [{ flowtable: {} }] : []);
    if (args.includes('list')) {
      if (!this.there) throw new NftError('refused', 'Error: No such file or directory');
      if (this.isUnlistable && args[2] === 'table') throw new NftError('refused', 'nft ended with null');
      return this.#json(this.#items());
    }
    this.scripts.push(script);
    for (const line of script.split('\n')) this.#run(line.trim());
    return '';
  };

  flush(): void {
    Object.assign(this, { there: false, limits: new Map(), quotas: new Map(), counters: new Map() });
    Object.assign(this, { chains: [], elements: new Map(), isUnlistable: false });
  }

  #json(items: object[]): string {
    return JSON.stringify({ nftables: items });
  }

  #items(): object[] {
    const pace = { rate_unit: 'bytes', per: 'second', burst: 15_000, burst_unit: 'bytes' };
    const over = this.isTerse ? {} : { inv: true };
    return [
      { metainfo: { version: '1.0.6' } },
      { table: { family: 'inet', name: 'turnpike', handle: this.#table } },
      ...[...this.limits].map(([name, rate]) => ({ limit: { name, rate, ...pace, ...over } })),
      ...[...this.quotas].map(([name, q]) => {
        return { quota: { name, ...q, used: Math.min(q.used, q.bytes), inv: true } };
      }),
      ...[...this.counters].map(([name, bytes]) => ({ counter: { name, bytes } })),
      ...[...this.elements].map(([name, m]) =>
        name.startsWith('cut') ? { set: { name, elem: [...m.keys()] } } : { map: { name, elem: [...m] } },
      ),
      ...this.chains.map(({ name, type }) => ({ chain: { name, type } })),
      ...this.chains.flatMap(({ name, rules }) => rules.map((rule) => ({ rule: { chain: name, ...rule } }))),
    ];
  }

  #run(line: string): void {
    const [form, act] = this.#grammar.find(([f]) => f.test(line)) ?? [];
    if (form && act) act(form.exec(line)!);
  }

  readonly #grammar: readonly (readonly [RegExp, (m: RegExpExecArray) => void])[] = [
    [/^delete table inet turnpike$/, () => this.flush()],
    [
      /^table inet turnpike \{$/,
      () => {
        this.there = true;
        this.#table = this.#handle++;
      },
    ],
    [/^chain (\w+) \{$/, (m) => this.chains.push({ name: m[1]!, type: '', rules: [] })],
    [
      /^type filter hook .*$/,
      (m) => {
        this.chains.push({ ...this.chains.pop()!, type: m[0] });
      },
    ],
    [
      /^(?:limit name|quota name|counter name|ip6? [sd]addr @) ?.*$/,
      (m) => this.chains.at(-1)!.rules.push({ handle: this.#handle++, text: m[0] }),
    ],
    [/^(?:map|set) (\w+) \{/, (m) => this.elements.set(m[1]!, new Map())],
    [
      /^add limit inet turnpike (\w+) \{ rate over (\d+) bytes\/second burst \d+ bytes; \}$/,
      (m) => {
        // The real one takes this for one that is there, and changes nothing.
        assert.not.ok(this.limits.has(m[1]!), `${m[0]}: there already`);
        this.limits.set(m[1]!, Number(m[2]));
      },
    ],
    [
      /^add quota inet turnpike (\w+) \{ over (\d+) bytes(?: used (\d+) bytes)?; \}$/,
      (m) => {
        const used = this.quotas.get(m[1]!)?.used ?? Number(m[3]);
        this.quotas.set(m[1]!, { bytes: Number(m[2]), used });
      },
    ],
    [
      /^add counter inet turnpike (\w+) \{ packets 0 bytes (\d+); \}$/,
      (m) => this.counters.set(m[1]!, Number(m[2])),
    ],
    [
      /^(add|delete) element inet turnpike (\w+) \{ (.*) \}$/,
      (m) => {
        for (const part of m[3]!.split(', ')) this.#element(m[1]!, this.elements.get(m[2]!)!, part);
      },
    ],
    [
      /^delete (limit|quota|counter) inet turnpike (\w+)$/,
      (m) => {
        const objects = { limit: this.limits, quota: this.quotas, counter: this.counters }[m[1]!]!;
        const busy = [...this.elements.values()].some((e) => [...e.values()].includes(m[2]!));
        assert.ok(objects.delete(m[2]!) && !busy, `${m[0]}: there and not in use`);
      },
    ],
  ];

  #element(what: string, map: Map<string, string>, part: string): void {
    const [address, name = ''] = part.split(' : ').map((t) => t.replaceAll('"', ''));
    if (what === 'delete') assert.ok(map.delete(address!), part);
    else assert.not.ok(map.has(address!), `${part}: there already`);
    if (what === 'add') map.set(address!, name);
  }
}
