import { parseMac } from '../../domain/mac.js';
import type { Allotment } from '../../domain/plan.js';
import { isDone, policyOf, type Session } from '../../domain/session.js';
import { millis } from '../../domain/units.js';
import type { Orderly } from '../../ports/order-source.js';
import type { Attribute } from '../../radius/attributes.js';
import { isChargeableOf } from '../../radius/chargeable.js';
import { errorCause } from '../../radius/code.js';
import { definitionOf } from '../../radius/dictionary.js';
import { valuesOf } from '../../radius/find.js';
import { hasZero, type Limits, limitNames, limitsOf } from '../../radius/limits.js';
import { calledStation, type Nas } from '../../radius/nas.js';

/** What orders are carried out on. */
export interface Governed extends Omit<Orderly, 'call'> {
  /** Sessions that have not ended. */
  sessions(): Iterable<Session>;
}

/** An order, as its transport has checked it. */
export interface Order {
  readonly code: 'disconnect' | 'coa';
  readonly attributes: readonly Attribute[];
}

/** ACK, or NAK with an Error-Cause (RFC 5176 §3.5). */
export type Answer = { readonly ack: true } | { readonly ack: false; readonly cause: number };

type Matcher = (session: Session, value: unknown) => boolean;

const userRequest = 1;
const authorizeOnly = 17;
/** Attributes that an order may carry and that neither identify a session nor change one. */
const accompanying = new Set([
  'Event-Timestamp',
  'Message-Authenticator',
  'Proxy-State',
  'State',
  'Reply-Message',
  'Acct-Terminate-Cause',
  'Service-Type',
]);
/** One of these must be there; the others only narrow down what they mean. */
const identifying = ['User-Name', 'Acct-Session-Id', 'Calling-Station-Id', 'Framed-IP-Address'];
const nasNames = ['NAS-Identifier', 'NAS-IP-Address', 'NAS-IPv6-Address'];
/** Attributes that identify a session (RFC 5176 §3) and that no session of ours has: none matches. */
const foreignNames = [
  'Acct-Multi-Session-Id',
  'Originating-Line-Info',
  'Framed-Interface-Id',
  'Framed-IPv6-Prefix',
];

/** Carries out Disconnect and CoA. The session meant is the one that fits every attribute of the order. */
export class Orders {
  readonly #nas: Nas;
  readonly #governed: Governed;
  readonly #wall: () => number;
  readonly #matchers: ReadonlyMap<string, Matcher>;

  /** `wall`: ms since 1970. */
  constructor(nas: Nas, governed: Governed, wall: () => number) {
    this.#nas = nas;
    this.#governed = governed;
    this.#wall = wall;
    this.#matchers = new Map<string, Matcher>([
      ['User-Name', (s, value) => s.user === value],
      ['Acct-Session-Id', (s, value) => s.id === value],
      ['Calling-Station-Id', (s, value) => parseMac(value) === s.mac],
      ['Called-Station-Id', (s, value) => calledStation(nas, s.gateway) === value],
      ['NAS-Port-Id', (s, value) => s.gateway === value],
      ['NAS-Port-Type', (_s, value) => value === 19],
      ['Framed-IP-Address', (s, value) => governed.addressesOf(s).includes(String(value))],
      ['Chargeable-User-Identity', isChargeableOf],
      // Nobody is told a port, and servers write 0 where they know none.
      ['NAS-Port', (_s, value) => value === 0],
      ...foreignNames.map((name) => [name, () => false] as const),
    ]);
  }

  /** An ACK says that the gate is shut, or the new limits are in force. */
  async carryOut({ code, attributes }: Order): Promise<Answer> {
    const wrong = this.#check(code, attributes);
    if (wrong !== undefined) return nak(wrong);
    const found = [...this.#governed.sessions()].filter((s) => this.#isMeant(s, attributes));
    if (found.length === 0) return nak(errorCause.sessionContextNotFound);
    return code === 'disconnect' ? this.#disconnect(found, attributes) : this.#change(found, attributes);
  }

  /** The Error-Cause of what is wrong with an order before any session is looked for. */
  #check(code: Order['code'], attributes: readonly Attribute[]): number | undefined {
    for (const [name, value] of attributes) {
      if (nasNames.includes(name) && !this.#isUs(name, value)) return errorCause.nasIdentificationMismatch;
    }
    if (valuesOf(attributes, 'Service-Type').includes(authorizeOnly)) return errorCause.unsupportedService;
    const known = (name: string) =>
      this.#matchers.has(name) ||
      accompanying.has(name) ||
      nasNames.includes(name) ||
      (code === 'coa' ? limitNames.has(name) : isBeside(name));
    if (!attributes.every(([name]) => known(name))) return errorCause.unsupportedAttribute;
    const hasIdentity = attributes.some(([name]) => identifying.includes(name));
    const hasChange = code === 'disconnect' || attributes.some(([name]) => limitNames.has(name));
    return hasIdentity && hasChange ? undefined : errorCause.missingAttribute;
  }

  #isUs(name: string, value: unknown): boolean {
    return value === (name === 'NAS-Identifier' ? this.#nas.identifier : this.#nas.address);
  }

  #isMeant(session: Session, attributes: readonly Attribute[]): boolean {
    return attributes.every(([name, value]) => this.#matchers.get(name)?.(session, value) ?? true);
  }

  /** Ends every session that fits: a user who has two devices is logged out on both. */
  async #disconnect(found: readonly Session[], attributes: readonly Attribute[]): Promise<Answer> {
    const byUser = valuesOf(attributes, 'Acct-Terminate-Cause').includes(userRequest);
    const ended = await Promise.all(
      found.map(({ id }) => this.#governed.close(id, byUser ? 'pc-logout' : 'coa')),
    );
    const shut = ended.every((session) => session === undefined || isDone(session));
    return shut ? { ack: true } : nak(errorCause.sessionContextNotRemovable);
  }

  async #change(found: readonly Session[], attributes: readonly Attribute[]): Promise<Answer> {
    const [session, ...more] = found;
    if (!session || more.length > 0) return nak(errorCause.multipleSessionSelectionUnsupported);
    const lot = session.lots.find(({ accounting }) => accounting !== undefined);
    if (!lot?.accounting) return nak(errorCause.administrativelyProhibited);
    const read = limitsOf(attributes, this.#wall());
    // Some servers mean no limit by 0, others mean nothing left: an ACK would be wrong for one of the two.
    if (!read.ok || hasZero(attributes)) return nak(errorCause.invalidAttributeValue);
    const { allotment, policy, accounting } = read.limits;
    if (hasRates(policy) && !this.#governed.canShape()) return nak(errorCause.resourcesUnavailable);
    const changed = await this.#governed.reauthorize(session.id, (current) => ({
      allotment: { ...lot.allotment, ...allotment, ...validityOf(current, allotment) },
      policy: { ...policyOf(session), ...policy },
      accounting: { ...lot.accounting!, ...accounting },
    }));
    return changed ? { ack: true } : nak(errorCause.sessionContextNotFound);
  }
}

/** Panels send it along with a Disconnect, to which it means nothing. */
function isBeside(name: string): boolean {
  return name === 'Class' || name.startsWith('Attr-26') || definitionOf(name)?.vendor !== undefined;
}

/** Makes a validity, which attributes count from now, count from the beginning of the session. */
function validityOf({ usage }: Session, { validity }: Allotment): Pick<Allotment, 'validity'> {
  return validity === undefined ? {} : { validity: millis(usage.age + validity) };
}

function hasRates({ upRate, downRate }: Limits['policy']): boolean {
  return upRate !== undefined || downRate !== undefined;
}

function nak(cause: number): Answer {
  return { ack: false, cause };
}
