import type { Authorization } from '../domain/lot.js';
import type { Mac } from '../domain/mac.js';
import type { Result } from './result.js';
import type { Standing, Upstream, UpstreamParts } from './upstream.js';

/** Who wants to log in, and the proof they give. */
export interface Login {
  /** The session that it is for. */
  readonly session: string;
  readonly mac: Mac;
  readonly gateway: string;
  /** The address under which the portal lists the device; absent when it lists none. */
  readonly address?: string;
  readonly user: string;
  /** Never in a log, a reply or the journal. */
  readonly password: string;
}

/** A server that decides who may in, and how much they may have. */
export interface Authorizer {
  /** Devices that one user may have at the same time. */
  readonly devices: number;
  /** Who logs in, from the `payment` argument of a purchase. */
  credentials(
    payment: Readonly<Record<string, unknown>>,
    mac: Mac,
  ): Result<{ readonly user: string; readonly password: string }>;
  /** Asks whether the password is right, and for nothing else. */
  authenticate(login: Login): Promise<Result<unknown>>;
  authorize(login: Login): Promise<Result<Authorization>>;
}

/** An authorizer at work. */
export interface RunningAuthorizer extends Authorizer {
  readonly standing: Standing;
  /** Asks the server now whether it answers; the value names, for people, the server that answered. */
  test(): Promise<Result<string>>;
  stop(): Promise<void>;
}

/** What an authorizer is built from. */
export interface AuthorizerParts<L> extends UpstreamParts {
  readonly link: L;
}

/** A member of the seam: a line in `authorizers/registry.ts`, whose key is the payment method that it is. */
export interface AuthorizerMember<C, L> {
  readonly upstream: Upstream<C, L>;
  build(config: C, parts: AuthorizerParts<L>): Promise<RunningAuthorizer>;
}
