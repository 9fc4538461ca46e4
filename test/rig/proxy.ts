// Between a router, a facilitator and a node: passes calls on, or loses them on the way there or back.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** `there`: the server never hears of the call. `back`: it is carried out, and nobody hears of it. */
export type Loss = 'there' | 'back';

/** Calls that stand still where they would be lost. */
interface Hold {
  readonly call: string;
  readonly loss: Loss;
  readonly words: readonly string[];
  readonly reached: () => void;
}

export class NodeProxy {
  /** Says of each call what becomes of it; undefined: it is passed on. */
  lose: (call: string) => Loss | undefined = () => undefined;
  /** Calls that came in: the method of a JSON-RPC call, the path of any other. */
  readonly calls: string[] = [];
  readonly #server: Server;
  readonly #holds: Hold[] = [];
  readonly #held = new Set<Socket>();
  #lost = () => {};
  /** Where calls go: a server that starts again may have another port. */
  target: string;

  private constructor(target: string) {
    this.target = target;
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

  /** Loses the next such call, then passes everything. @returns a promise of the moment it is lost */
  loseNext(call: string, loss: Loss): Promise<void> {
    return new Promise((resolve) => {
      this.#lost = resolve;
      this.lose = (called) => {
        if (called !== call) return undefined;
        this.lose = () => undefined;
        return loss;
      };
    });
  }

  /**
   * Holds such calls until {@link cut}: a process that is killed while its call is held is killed at this very step.
   * @param words one of which is in the body
   * @returns a promise of the moment the first one waits: before the call is passed on, or when it is carried out
   */
  hold(call: string, loss: Loss, words: readonly string[] = ['']): Promise<void> {
    return new Promise((reached) => this.#holds.push({ call, loss, words, reached }));
  }

  /** What is held is lost, and calls are passed on from now on. */
  cut(): void {
    this.#holds.length = 0;
    for (const socket of this.#held) socket.destroy();
    this.#held.clear();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const call = callOf(request, body);
    this.calls.push(call);
    const hold = this.#holds.find(
      (one) => one.call === call && one.words.some((word) => body.includes(word)),
    );
    const loss = hold ? hold.loss : this.lose(call);
    if (loss === 'there') return this.#give(request.socket, hold);
    try {
      const headers = { 'content-type': 'application/json' };
      const { method = 'GET', url = '/' } = request;
      const sent = method === 'GET' ? { method } : { method, headers, body };
      const answer = await fetch(new URL(url, this.target), sent);
      const text = await answer.text();
      if (loss) return this.#give(request.socket, hold);
      response.writeHead(answer.status, headers).end(text);
    } catch {
      request.socket.destroy();
      if (loss && !hold) this.#lost();
    }
  }

  #give(socket: Socket, hold: Hold | undefined): void {
    if (hold && this.#holds.includes(hold)) {
      this.#held.add(socket);
      hold.reached();
    } else {
      socket.destroy();
      if (!hold) this.#lost();
    }
  }
}

function callOf({ url = '' }: IncomingMessage, body: string): string {
  if (url !== '/') return url;
  return (JSON.parse(body) as { method: string }).method;
}
