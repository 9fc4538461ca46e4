// Somebody's endpoint: notes what it is told, believes no wrong signature, and answers as a test says.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unsigned } from '../../src/payments/webhook/signature.js';
import { until } from '../rig/until.js';

export const key = `whsec_${Buffer.from('twenty-four octets, here').toString('base64')}`;

/** A message as it arrived. */
export interface Told {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it.
  readonly json: any;
  /** Signed by {@link key} at the time that the test's clock has. */
  readonly isSigned: boolean;
}

export class Endpoint {
  readonly told: Told[] = [];
  readonly #server: Server;
  readonly #now: () => number;
  status = 200;
  headers: OutgoingHttpHeaders = {};
  /** Says nothing while it is set. */
  isSilent = false;

  private constructor(now: () => number) {
    this.#now = now;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.#take(request.headers, Buffer.concat(chunks));
        if (!this.isSilent) response.writeHead(this.status, this.headers).end('thank you');
      });
    });
  }

  static async start(now: () => number): Promise<Endpoint> {
    const endpoint = new Endpoint(now);
    endpoint.#server.listen(0, '127.0.0.1');
    await once(endpoint.#server, 'listening');
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/told?by=hub`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Resolves with the messages so far when there are so many. */
  async heard(count: number): Promise<readonly Told[]> {
    await until(
      `${count} messages`,
      () => this.told.length >= count,
      () => this.told,
    );
    return this.told;
  }

  #take(headers: IncomingHttpHeaders, body: Buffer): void {
    const json = JSON.parse(body.toString()) as unknown;
    const isSigned = unsigned('standard', { headers, body }, [key], this.#now()) === undefined;
    this.told.push({ id: String(headers['webhook-id']), headers, json, isSigned });
  }
}
