// Between a facilitator and its node: passes calls on, or loses them on the way there or back.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `there`: the node never hears of the call. `back`: it is carried out, and nobody hears of it. */
export type Loss = 'there' | 'back';

export class NodeProxy {
  /** Says of each call what becomes of it; undefined: it is passed on. */
  lose: (method: string) => Loss | undefined = () => undefined;
  /** Calls that came in, by method. */
  readonly calls: string[] = [];
  readonly #server: Server;
  readonly #target: string;

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((request, response) => void this.#pass(request, response));
  }

  static async start(target: string): Promise<NodeProxy> {
    const proxy = new NodeProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Loses the next call of this method, then passes everything. @returns a promise of the moment it is lost */
  loseNext(method: string, loss: Loss): Promise<void> {
    return new Promise((resolve) => {
      this.lose = (called) => {
        if (called !== method) return undefined;
        this.lose = () => undefined;
        setImmediate(resolve);
        return loss;
      };
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method } = JSON.parse(body) as { method: string };
    this.calls.push(method);
    const loss = this.lose(method);
    if (loss === 'there') return void request.socket.destroy();
    try {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(this.#target, { method: 'POST', headers, body });
      const text = await answer.text();
      if (loss === 'back') return void request.socket.destroy();
      response.writeHead(answer.status, headers).end(text);
    } catch {
      request.socket.destroy();
    }
  }
}
