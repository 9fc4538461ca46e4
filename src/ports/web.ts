import type { IncomingHttpHeaders } from 'node:http';
import type { Mac } from '../domain/mac.js';

/** The device that asks, known by where its packets come from; never by what a request says. */
export interface Device {
  readonly mac: Mac;
  /** The portal on whose interface it is; absent where that cannot be told. */
  readonly gateway?: string;
}

/** A request whose body has arrived whole. */
export interface WebRequest {
  /** `HEAD` is asked as `GET`; the body of its reply is not sent. */
  readonly method: string;
  /** Without the query, as it was sent. */
  readonly path: string;
  /** Parts of the path that the route names `:part`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** At most {@link Route.mostBytes}. */
  readonly body: Buffer;
  /** Where the request came from, without the form `::ffff:` of IPv4. */
  readonly address: string;
  /** `http://192.168.1.1:2080`: this server as the asker reaches it, by the address of the connection. */
  readonly origin: string;
  /** It came over TLS. */
  readonly isSecure: boolean;
  /** Who asks; undefined for one that is no customer's device, or behind a second router's address that is not known. */
  device(): Promise<Device | undefined>;
}

/** What is answered. `Cache-Control: no-store` and the headers of safety are added where they are absent. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** One thing that can be asked for. */
export interface Route {
  /** `GET` serves `HEAD`, too. `*`: every method, as a route that answers a preflight needs. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | '*';
  /** `/hooks/:name`: a part that begins with a colon stands for any one part. `/x402/*` for all below. */
  readonly path: string;
  /** Longest body, in bytes. @default 8192 */
  readonly mostBytes?: number;
  /** How long an answer may take, in ms; then the asker gets 504, and the work goes on. @default 60000 */
  readonly patienceMs?: number;
  /**
   * Who may ask. `page`: our own pages alone: other names in `Host` are sent to our address, and what other sites make
   * a browser post is refused. `anybody`: programs and servers, under any name.
   * @default page
   */
  readonly from?: 'page' | 'anybody';
  /** Rejecting is a defect: it is logged without the request's address, and the asker gets 500. */
  handle(request: WebRequest): Promise<Reply> | Reply;
}

/** What a feature adds to the server. */
export interface WebSite {
  /** A port of its own, on all addresses of the page; the page's when absent. */
  readonly port?: number;
  readonly routes: readonly Route[];
}

/** Something that a customer fills in to pay. */
export interface PayField {
  /** In the form, and in the `payment` argument of the purchase. */
  readonly name: string;
  readonly kind: 'line' | 'lines' | 'secret';
  /** Most characters. @default 200 */
  readonly most?: number;
}

/**
 * How a payment method is offered on the price page. Its words are in each language's catalogue: `pay_METHOD` is its
 * name, `pay_METHOD_help` says how to pay, `pay_METHOD_FIELD` names a field.
 */
export interface PayForm {
  readonly fields: readonly PayField[];
  /**
   * A route of the method's own that the form is posted to, with `plan`, `steps`, `key` (for idempotency), `lang`, `to`
   * and the fields. When absent, the page buys with the fields as the `payment` argument.
   */
  readonly action?: string;
}
