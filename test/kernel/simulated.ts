import * as assert from 'uvu/assert';
import { counterReader } from '../../src/kernel/counters.js';
import type { Marks } from '../../src/kernel/marks.js';
import { type Nft, NftError } from '../../src/kernel/nft.js';
import type { CounterRows } from '../../src/kernel/table-parts.js';
import type { BaselineTask } from '../../workers/contract.js';
import { moved } from '../../workers/counters.js';
import { noteConnections } from '../../workers/witness.js';

/** A chain: what is said of it, and its rules with their handles. */
interface Chain {
  readonly name: string;
  readonly handle: number;
  type: string;
  readonly rules: { handle: number; text: string }[];
}

interface Quota {
  bytes: number;
  /** Counts on beyond `bytes`: what is dropped, too. */
  used: number;
}

const quotaMaps = { up: ['cap_total', 'cap_up'], down: ['cap_total', 'cap_down'] } as const;

/** nft's end, and the kernel's: refuses what the kernel would refuse, and counts what passes as our rules do. */
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
  quotas = new Map<string, Quota>();
  counters = new Map<string, number>();
  elements = new Map<string, Map<string, string>>();
  /** Names of those of {@link elements} that are sets. */
  readonly #sets = new Set<string>();
  scripts: string[] = [];
  /** Lines of each question for objects. */
  asked: (readonly string[])[] = [];
  /** nft's. */
  version = '1.0.6';
  flowtable = false;
  /** How long it is up, in ms. */
  uptime = 0;
  /** Called before each call of nft. */
  before: (args: readonly string[], script: string) => void = () => {};

  readonly nft: Nft = async (args, script = '') => {
    this.before(args, script);
    if (args.includes('flowtables')) return this.#json(this.flowtable ? [{ flowtable: {} }] : []);
    if (args[2] === 'set')
      return this.#json([this.#held(args[5]!, this.elements.get(args[5]!) ?? new Map())]);
    if (args.includes('list')) return this.#list(args[2]!);
    if (args[0] === '-j') return this.#counted(args[1]!.split('; '));
    if (script.startsWith('list ')) return this.#listed(script.trimEnd().split('\n'));
    this.scripts.push(script);
    for (const line of script.split('\n')) this.#run(line.trim());
    return '';
  };

  /** Reads all counters as a worker does. */
  reader(marks: Marks): (args: readonly string[], baseline?: BaselineTask) => Promise<CounterRows> {
    return counterReader('nft', marks.most, async ({ args, told, baseline }) => {
      try {
        const rows = moved(await this.nft(args), new Float64Array(told));
        return {
          ok: true,
          ...rows,
          busyMs: 0,
          ...(baseline && { baseline: noteConnections(baseline) }),
          tookMs: 0,
        };
      } catch (cause) {
        const { code, message } = cause as NftError;
        return { ok: false, reason: code, detail: message, tookMs: 0 };
      }
    });
  }

  /** The mark that a connection of this device gets; undefined when it has no session. */
  markOf(mac: string, marks: Marks): number | undefined {
    const bits = marks.groups.map(
      ({ map, chains }) => chains.get(this.elements.get(map)?.get(mac) ?? '') ?? 0,
    );
    const mark = bits.reduce((all, more) => all + more, 0);
    return this.elements.get('live')?.has(String(mark)) ? mark : undefined;
  }

  /** A packet of a connection with this mark, as our rules treat it. @returns whether it passed */
  carry(mark: number | undefined, way: 'up' | 'down', bytes: number): boolean {
    const key = String(mark);
    if (this.chains.some(({ name, rules }) => name === 'still' && rules.length > 0)) return false;
    if (!this.elements.get('live')?.has(key)) return false;
    for (const map of quotaMaps[way]) {
      const quota = this.quotas.get(this.elements.get(map)?.get(key) ?? '');
      if (!quota) continue;
      quota.used += bytes;
      if (quota.used >= quota.bytes) return false;
    }
    const counter = this.elements.get(`count_${way}`)!.get(key)!;
    this.counters.set(counter, this.counters.get(counter)! + bytes);
    return true;
  }

  flush(): void {
    Object.assign(this, { there: false, limits: new Map(), quotas: new Map(), counters: new Map() });
    Object.assign(this, { chains: [], elements: new Map(), isUnlistable: false });
  }

  #list(what: string): string {
    if (!this.there) throw new NftError('refused', 'Error: No such file or directory');
    if (this.isUnlistable && what === 'table') throw new NftError('refused', 'nft ended with null');
    const wanted = { counters: 'counter', quotas: 'quota' }[what];
    return this.#json(this.#items().filter((item) => wanted === undefined || wanted in item));
  }

  /** All counters, as nft lists them with arguments of one command each. */
  #counted(commands: readonly string[]): string {
    this.asked.push(commands);
    const [last] = this.#named(commands);
    assert.is(last, 'list counters table inet turnpike');
    return this.#list('counters');
  }

  /** What is asked for beside a set and a chain that are there. */
  #named(commands: readonly string[]): string[] {
    return commands.filter((command) => {
      const [, what, name] = /^list (set|chain) inet turnpike (\w+)$/.exec(command) ?? [];
      const isThere = what === 'set' ? this.#sets.has(name!) : this.chains.some((one) => one.name === name);
      if (what && !isThere) throw new NftError('refused', `${command}: No such file or directory`);
      return !what;
    });
  }

  /** Single objects, in the form for people: nft 1.1.1 has fetched none but that of the last line. */
  #listed(script: readonly string[]): string {
    this.asked.push(script);
    const lines = this.#named(script);
    const isAll = lines.at(-1) === 'list tables' || this.version < '1.1.1';
    if (lines.length > 1 && !isAll) throw new NftError('refused', `${lines[0]}: No such file or directory`);
    const blocks = lines
      .filter((line) => line !== 'list tables')
      .map((line) => {
        const [, kind, name] = /^list (quota|counter) inet turnpike (\w+)$/.exec(line) ?? [];
        const bytes = this.counters.get(name!);
        const quota = this.quotas.get(name!);
        if (kind === 'counter' && bytes !== undefined)
          return `counter ${name} {\n\t\tpackets 3 bytes ${bytes}\n\t}`;
        if (kind === 'quota' && quota)
          return `quota ${name} {\n\t\tover ${quota.bytes} bytes${used(quota)}\n\t}`;
        throw new NftError('refused', `${line}: No such file or directory`);
      });
    return blocks.map((block) => `table inet turnpike {\n\t${block}\n}\n`).join('');
  }

  #json(items: object[]): string {
    return JSON.stringify({ nftables: items });
  }

  #items(): object[] {
    const pace = { rate_unit: 'bytes', per: 'second', burst: 15_000, burst_unit: 'bytes' };
    const over = this.isTerse ? {} : { inv: true };
    return [
      { metainfo: { version: this.version } },
      { table: { family: 'inet', name: 'turnpike', handle: this.#table } },
      ...[...this.limits].map(([name, rate]) => ({ limit: { name, rate, ...pace, ...over } })),
      ...[...this.quotas].map(([name, { bytes, used }]) => {
        return { quota: { name, bytes, used: Math.min(used, bytes), inv: true } };
      }),
      ...[...this.counters].map(([name, bytes]) => ({
        counter: { name, table: 'turnpike', packets: 0, bytes },
      })),
      ...[...this.elements].map(([name, elements]) => this.#held(name, elements)),
      ...this.chains.map(({ name, type }) => ({ chain: { name, type } })),
      ...this.chains.flatMap(({ name, rules }) => rules.map((rule) => ({ rule: { chain: name, ...rule } }))),
    ];
  }

  #held(name: string, elements: ReadonlyMap<string, string>): object {
    const key = (text: string) => (/^\d+$/.test(text) ? Number(text) : text);
    if (this.#sets.has(name)) {
      const whole = (text: string) =>
        text.includes(' . ') ? { concat: text.split(' . ').map(key) } : key(text);
      const elem = [...elements.keys()].map(whole);
      return { set: { name, ...(elem.length > 0 && { elem }) } };
    }
    const value = (text: string) => (/^w\d+_\d+$/.test(text) ? { jump: { target: text } } : text);
    const elem = [...elements].map(([k, v]) => [key(k), value(v)]);
    return { map: { name, ...(elem.length > 0 && { elem }) } };
  }

  #run(line: string): void {
    if (line === '' || line === '}') return;
    const [form, act] = this.#grammar.find(([f]) => f.test(line)) ?? [];
    assert.ok(form && act, `understood: ${line}`);
    act(form.exec(line)!);
  }

  readonly #grammar: readonly (readonly [RegExp, (m: RegExpExecArray) => void])[] = [
    [/^add table inet turnpike$/, () => {}],
    [/^delete table inet turnpike$/, () => this.flush()],
    [
      /^flush table inet turnpike$/,
      () => {
        for (const chain of this.chains) chain.rules.splice(0);
      },
    ],
    [
      /^flush chain inet turnpike (\w+)$/,
      (m) => {
        const there = this.chains.find(({ name }) => name === m[1]);
        if (!there) throw new NftError('refused', `${m[0]}: No such file or directory`);
        there.rules.splice(0);
      },
    ],
    [
      /^delete (map|set) inet turnpike (\w+)$/,
      (m) => {
        assert.ok(this.elements.delete(m[2]!), `${m[0]}: there`);
        this.#sets.delete(m[2]!);
      },
    ],
    [
      /^delete chain inet turnpike (\w+)$/,
      (m) => {
        const busy = [...this.elements.values()].some((e) => [...e.values()].includes(m[1]!));
        assert.ok(!busy && this.chains.some(({ name }) => name === m[1]), `${m[0]}: there and not in use`);
        this.chains = this.chains.filter(({ name }) => name !== m[1]);
      },
    ],
    [
      /^table inet turnpike \{$/,
      () => {
        this.there = true;
        this.#table = this.#handle++;
      },
    ],
    [
      /^chain (\w+) \{$/,
      (m) => {
        // One that is there stays, and what follows is added to it.
        const there = this.chains.find(({ name }) => name === m[1]);
        this.chains = this.chains.filter((chain) => chain !== there);
        this.chains.push(there ?? { name: m[1]!, handle: this.#handle++, type: '', rules: [] });
      },
    ],
    [
      /^type (?:filter|nat) hook .*$/,
      (m) => {
        const { name, type } = this.chains.at(-1)!;
        if (type !== '' && type !== m[0]) throw new NftError('refused', `${name}: File exists`);
        this.chains.at(-1)!.type = m[0];
      },
    ],
    [
      /^(map|set) (\w+) \{ type \w+(?: [:.] \w+)?;.* \}$/,
      (m) => {
        this.elements.set(m[2]!, new Map());
        if (m[1] === 'set') this.#sets.add(m[2]!);
      },
    ],
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
      /^add set inet turnpike (made_\w+) \{ type mark; \}$/,
      (m) => {
        this.elements.set(m[1]!, new Map());
        this.#sets.add(m[1]!);
      },
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
    [
      /^(?:limit|quota name|counter name|ct mark|ether saddr|[io]ifname|goto|jump|drop|update|ip6? daddr|udp|tcp|icmpv6|meta).*$/,
      (m) => this.chains.at(-1)!.rules.push({ handle: this.#handle++, text: m[0] }),
    ],
  ];

  #element(what: string, map: Map<string, string>, part: string): void {
    const [key, name = ''] = part.split(' : ').map((t) => t.replaceAll('"', '').replace(/^jump /, ''));
    if (what === 'delete') assert.ok(map.delete(key!), part);
    // The real one takes a key of a set twice.
    else assert.not.ok(name !== '' && map.has(key!), `${part}: there already`);
    if (what === 'add') map.set(key!, name);
  }
}

/** nft says nothing of a quota of which nothing is used, and at most its limit. */
function used({ bytes, used }: Quota): string {
  return used === 0 ? '' : ` used ${Math.min(used, bytes)} bytes`;
}
