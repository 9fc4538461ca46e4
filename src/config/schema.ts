import type { Plan } from '../domain/plan.js';
import { type MainConfig, main } from './main.js';
import { plan } from './plan.js';
import type { Section, Till } from './section.js';
import { byName, byOption } from './variants.js';
import type { Warning } from './warnings.js';
import { type WebConfig, web } from './web.js';

/** What every portal's section makes. `type` is the portal's name in the schema. */
export interface Gateway {
  readonly name: string;
  readonly type: string;
}

/** The members that a configuration can have sections for, each with its table. A further one is a further entry. */
export interface Schema<G extends Gateway = Gateway> {
  /** `config gateway 'NAME'`, by `option type`. */
  readonly portals: Readonly<Record<string, Section<G>>>;
  /** `config method 'NAME'`, by the name of the section. */
  readonly methods: Readonly<Record<string, Section<Till>>>;
  /** `config hook 'NAME'`: payment providers that say when an order is paid. */
  readonly hook: Section<Till>;
  /** Servers to talk to, one section of each, by its type. */
  readonly servers: Readonly<Record<string, Section<object>>>;
}

/** A section that its faults have switched off. */
export interface OffSection {
  readonly type: string;
  readonly name?: string;
}

/** The whole configuration, frozen; sections that are switched off are left out. */
export interface Config<G extends Gateway = Gateway> {
  readonly main: MainConfig;
  /** The customers' page; absent when it is switched off. */
  readonly web?: WebConfig;
  readonly gateways: readonly G[];
  readonly plans: readonly Plan[];
  readonly methods: readonly Till[];
  /** Payment providers that say when an order is paid; each is a payment method, too. */
  readonly hooks: readonly Till[];
  /** By the type of their section. */
  readonly upstreams: Readonly<Record<string, object>>;
  /** What the file has besides and is not at work, for its faults; empty for a file without faults. */
  readonly off: readonly OffSection[];
  readonly warnings: readonly Warning[];
}

/** Every type of section of a schema. */
export function sectionsOf<G extends Gateway>({ portals, methods, hook, servers }: Schema<G>) {
  const gateway = byOption(
    {
      type: 'gateway',
      about:
        'A captive portal whose gates turnpike opens and shuts. Its name is what reports and `status` call it. ' +
        "In the portal's own configuration leave session time-out and quotas at 0: turnpike keeps the limits.",
      members: portals,
    },
    { name: 'type', help: 'Which portal it is.' },
  );
  const method = byName(
    { type: 'method', about: 'A way to pay. Its name says which one.', members: methods },
    'payment method',
  );
  return { main, web, gateway, plan, method, hook, servers };
}

type Sections = ReturnType<typeof sectionsOf<Gateway>>;

/** The same as a list, in the order in which owners read of them. */
export function inOrder({ main, web, gateway, plan, method, hook, servers }: Sections): readonly Section[] {
  return [main, gateway, plan, method, hook, web, ...Object.values(servers)];
}
