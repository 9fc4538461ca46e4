import { randomUUID } from 'node:crypto';
import type { Authorization } from '../../domain/lot.js';
import type { Mac } from '../../domain/mac.js';
import { present } from '../../domain/present.js';
import { refuse } from '../../domain/refuse.js';
import type { Authorizer, Login } from '../../ports/authorizer.js';
import type { Result } from '../../ports/result.js';
import type { Attribute } from '../../radius/attributes.js';
import { chargeableIn, chargeableRequest } from '../../radius/chargeable.js';
import type { RadiusClient } from '../../radius/client.js';
import { packetCode } from '../../radius/code.js';
import { RadiusError } from '../../radius/error.js';
import { textOf, valuesOf, wholeTextOf } from '../../radius/find.js';
import { isUnreadable, limitsOf } from '../../radius/limits.js';
import { macText } from '../../radius/mac-user.js';
import { type Nas, nasAttributes, serviceOf, serviceType, stationAttributes } from '../../radius/nas.js';
import { chapAttributes, longestPassword } from '../../radius/password.js';
import type { MacForm } from '../../radius/section.js';

export interface RadiusAuthorizerParts {
  readonly client: Pick<RadiusClient, 'request'>;
  readonly nas: Nas;
  /** How the password is sent. */
  readonly protocol: 'pap' | 'chap';
  /** The server is asked for a Chargeable-User-Identity (RFC 4372 §2.1). @default false */
  readonly asksChargeable?: boolean;
  /** Devices of one user at the same time, unless the server sends another number (Port-Limit). */
  readonly devices: number;
  /** Present where a device may log in with its MAC. `password` is sent instead of the MAC, where it is configured. */
  readonly macLogin?: { readonly form: MacForm; readonly password?: string };
  /**
   * Present where a limit that cannot be read is left out, and told: the customer gets in without it. When absent it
   * refuses the login.
   */
  readonly leftOut?: (user: string, attribute: Attribute) => void;
  /** Wall clock, ms since 1970. */
  readonly wall: () => number;
}

/** The form of a user's name: one line. */
const userForm = /^[^\p{Cc}\p{Cs}]{1,253}$/u;
/** The longest name of a user, in octets: it must fit into an attribute (RFC 2865 §5). */
const longestUser = 253;
/** What FreeRADIUS says of Simultaneous-Use (its `msg_denied`), which it looks at behind the password. */
const onlineAlready = /^You are already logged in - access denied(?: \(\d+\))?$/;
const macForm = /^(?:[0-9A-F]{2}[-:.]?){5}[0-9A-F]{2}$/i;
/** How much of the server's own text goes into a refusal, in characters. */
const longestReason = 200;

/** Lets a RADIUS server decide who may in, and how much they may have (RFC 2865). */
export class RadiusAuthorizer implements Authorizer {
  readonly devices: number;
  readonly #parts: RadiusAuthorizerParts;

  constructor(parts: RadiusAuthorizerParts) {
    this.#parts = parts;
    this.devices = parts.devices;
  }

  /** `payment`: `{ user, password }`, or neither for a login by MAC where that is allowed. Codes: `bad_payment`. */
  credentials(
    payment: Readonly<Record<string, unknown>>,
    mac: Mac,
  ): Result<{ readonly user: string; readonly password: string }> {
    const { user, password } = payment;
    const { macLogin } = this.#parts;
    if (user === undefined && password === undefined && macLogin) {
      const name = macText(mac, macLogin.form);
      return { ok: true, value: { user: name, password: macLogin.password ?? name } };
    }
    if (typeof user !== 'string' || !isUser(user)) {
      return refuse('bad_payment', 'payment.user is missing: 1 to 253 octets on one line');
    }
    // Without this anybody could log in as any device: a device's MAC is no secret.
    if (macLogin && macForm.test(user)) return refuse('bad_payment', 'payment.user is a MAC address');
    if (typeof password !== 'string' || password === '' || Buffer.byteLength(password) > longestPassword) {
      return refuse('bad_payment', `payment.password is missing: 1 to ${longestPassword} octets`);
    }
    return { ok: true, value: { user, password } };
  }

  /**
   * Asks whether the password is right (Service-Type Authenticate-Only). A server that refuses it because the user is
   * online already has found the password right, if it says something else to a wrong one. Codes as of
   * {@link authorize}.
   */
  async authenticate(login: Login): Promise<Result<unknown>> {
    const probe = (password: string) => this.#ask({ ...login, password }, serviceType.authenticateOnly);
    const answer = await probe(login.password);
    if (!isOnlineAlready(answer)) return answer;
    const wrong = await probe(randomUUID());
    const tellsApart = !wrong.ok && wrong.code === 'login_rejected' && !isOnlineAlready(wrong);
    return tellsApart ? { ok: true, value: undefined } : answer;
  }

  /** Codes: `login_rejected`, `login_timeout`, `bad_authorization`. */
  async authorize(login: Login): Promise<Result<Authorization>> {
    const answer = await this.#ask(login, serviceOf(login.user, login.mac));
    return answer.ok ? this.#authorization(login, answer.value) : answer;
  }

  async #ask(login: Login, service: number): Promise<Result<readonly Attribute[]>> {
    const { client, nas, protocol, asksChargeable = false } = this.#parts;
    const { user, password, session } = login;
    const proof = protocol === 'chap' ? chapAttributes(password) : [['User-Password', password] as const];
    const attributes: Attribute[] = [
      ['User-Name', user],
      ...proof,
      ['Service-Type', service],
      ['Acct-Session-Id', session],
      ...nasAttributes(nas),
      ...stationAttributes(nas, login),
      ...(asksChargeable ? [chargeableRequest] : []),
    ];
    const outcome = await client
      .request({ code: packetCode.accessRequest, attributes })
      .catch((cause: unknown) => {
        if (cause instanceof RadiusError)
          return { ok: false, reason: 'unsendable', detail: cause.message } as const;
        throw cause;
      });
    if (!outcome.ok) {
      // The owner reads what to do; the page says in the customer's language that no server has answered.
      if (outcome.reason === 'unsigned')
        return refuse('login_timeout', `no answer that is believed: ${outcome.detail}`);
      return refuse('login_timeout', `no server has answered: ${outcome.reason}`);
    }
    if (outcome.code === packetCode.accessAccept) return { ok: true, value: outcome.attributes };
    const says = wholeTextOf(outcome.attributes, 'Reply-Message').replace(/\p{Cc}+/gu, ' ');
    const challenge =
      outcome.code === packetCode.accessChallenge ? 'the server asks for more than a password' : '';
    return refuse(
      'login_rejected',
      says.slice(0, longestReason) || challenge || 'the server refused the login',
    );
  }

  #authorization(login: Login, attributes: readonly Attribute[]): Result<Authorization> {
    const { leftOut, wall } = this.#parts;
    if (leftOut) for (const odd of attributes.filter(isUnreadable)) leftOut(login.user, odd);
    const given = leftOut ? attributes.filter((one) => !isUnreadable(one)) : attributes;
    const read = limitsOf(given, wall());
    if (!read.ok) {
      return refuse(
        'bad_authorization',
        `the server let the user in with a ${read.attribute} that cannot be read`,
      );
    }
    const { allotment, policy, accounting } = read.limits;
    const classes = valuesOf(attributes, 'Class').map((value) =>
      Buffer.from(value as Buffer).toString('base64'),
    );
    const user = textOf(attributes, 'User-Name');
    return {
      ok: true,
      value: {
        user: user !== undefined && isUser(user) ? user : login.user,
        allotment,
        policy: { devices: this.devices, pauseAway: false, ...policy },
        accounting: { ...accounting, classes, ...present({ chargeable: chargeableIn(attributes) }) },
      },
    };
  }
}

function isOnlineAlready(answer: Result<unknown>): boolean {
  return !answer.ok && answer.code === 'login_rejected' && onlineAlready.test(answer.message.trim());
}

function isUser(name: string): boolean {
  return userForm.test(name) && Buffer.byteLength(name) <= longestUser;
}
