import type { Attribute } from '../../src/radius/attributes.js';
import { packetCode } from '../../src/radius/code.js';
import { type Listener, listen } from '../../src/radius/udp.js';
import { attributesOf, replyTo, secret as usualSecret } from './network.js';

/** Writes a reply to a request. */
export type Writer = (
  request: Buffer,
  code: number,
  attributes: readonly Attribute[],
  messageAuthenticator: boolean,
) => Buffer;

/** A server on the loopback that lets everybody in and writes everything down. It stands in for FreeRADIUS. */
export class LoopbackServer {
  /** Accounting requests, in the order in which they were acknowledged. */
  readonly acknowledged: Attribute[][] = [];
  /** What an Access-Accept says. */
  allows: readonly Attribute[] = [];
  /** Its replies to logins carry a Message-Authenticator. */
  signs = true;
  /** What it shares with its clients. */
  secret: Buffer = usualSecret;
  /** It takes requests and answers none. */
  silent = false;
  /** Told of each request, whether it is answered or not. */
  heard: () => void = () => {};
  /** The kinds of requests that it got. */
  readonly codes: (number | undefined)[] = [];
  #listener: Listener | undefined;

  static async start(): Promise<LoopbackServer> {
    const server = new LoopbackServer();
    server.#listener = await listen({ address: '127.0.0.1', port: 0 }, (datagram, _from, send) => {
      const reply = server.answer(datagram);
      if (reply) send(reply);
    });
    return server;
  }

  get port(): number {
    return this.#listener!.port;
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  /** Its reply, if there is one. */
  answer(request: Buffer, write: Writer = this.#write): Buffer | undefined {
    this.codes.push(request[0]);
    this.heard();
    return this.silent ? undefined : this.#reply(request, write);
  }

  readonly #write: Writer = (request, code, attributes, messageAuthenticator) =>
    replyTo(request, code, attributes, { secret: this.secret, messageAuthenticator });

  #reply(request: Buffer, write: Writer): Buffer | undefined {
    switch (request[0]) {
      case packetCode.accessRequest:
        return write(request, packetCode.accessAccept, this.allows, this.signs);
      case packetCode.statusServer:
        return write(request, packetCode.accountingResponse, [], true);
      case packetCode.accountingRequest:
        this.acknowledged.push(attributesOf(request));
        return write(request, packetCode.accountingResponse, [], true);
      default:
        return undefined;
    }
  }
}
