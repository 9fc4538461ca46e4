import * as assert from 'uvu/assert';
import { type Nft, NftError } from '../../src/kernel/nft.js';
import { ruleCount } from '../../src/kernel/script.js';

/** nft's end: refuses what the kernel would refuse, such as an object that is still in use. */
export class Kernel {
  there = false;
  /** Rules of the chain, as the version that made it wrote them. */
  rules = ruleCount;
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
      return this.#json(this.#items());
    }
    this.scripts.push(script);
    for (const line of script.split('\n')) this.#run(line.trim());
    return '';
  };

  flush(): void {
    Object.assign(this, { there: false, limits: new Map(), quotas: new Map(), counters: new Map() });
    this.elements = new Map();
  }

  #json(items: object[]): string {
    return JSON.stringify({ nftables: items });
  }

  #items(): object[] {
    return [
      ...[...this.limits].map(([name, rate]) => ({ limit: { name, rate, rate_unit: 'bytes' } })),
      ...[...this.quotas].map(([name, q]) => ({ quota: { name, ...q, used: Math.min(q.used, q.bytes) } })),
      ...[...this.counters].map(([name, bytes]) => ({ counter: { name, bytes } })),
      ...[...this.elements].map(([name, m]) =>
        name.startsWith('cut') ? { set: { name, elem: [...m.keys()] } } : { map: { name, elem: [...m] } },
      ),
      ...Array.from({ length: this.rules }, () => ({ rule: {} })),
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
        this.rules = ruleCount;
      },
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
