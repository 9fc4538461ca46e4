import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type SecureVersion, type Server, type TLSSocket } from 'node:tls';
import { Framing } from '../../../src/radius/tls/framing.js';
import { LoopbackServer, type Writer } from '../server.js';
import { tokenReply } from './token-reply.js';

/** What it can do. */
interface Abilities {
  readonly maxVersion?: SecureVersion;
  /** Versions of RADIUS; without, it negotiates none. */
  readonly ALPNProtocols?: string[];
}

const withTokens: Writer = (request, code, attributes) => tokenReply(request, code, attributes);

/**
 * The same server behind TLS (RFC 6614); it wants a certificate of its authority. Where it negotiates RADIUS/1.1, it stands
 * in for a server that has it: Debian's FreeRADIUS has not.
 */
export class TlsLoopbackServer {
  readonly mind: LoopbackServer = new LoopbackServer();
  /** Connections that there are now, and that there ever were. */
  readonly connections = new Set<TLSSocket>();
  opened = 0;
  /** Times that somebody tried to open one. */
  tried = 0;
  /** What it was asked. */
  readonly requests: Buffer[] = [];
  /** Packets that answer what the server has asked. */
  readonly answers: Buffer[] = [];
  /** Takes the octets that it would send. */
  write: (socket: TLSSocket, reply: Buffer) => void = (socket, reply) => socket.write(reply);
  readonly #server: Server;

  private constructor(file: (name: string) => string, abilities: Abilities) {
    this.mind.secret = Buffer.from('radsec');
    const read = (name: string) => readFileSync(file(name));
    const own = { cert: read('server.pem'), key: read('server.key'), ca: read('ca.pem') };
    this.#server = createServer({ ...own, ...abilities, requestCert: true, rejectUnauthorized: true });
    this.#server.on('connection', () => {
      this.tried += 1;
    });
    this.#server.on('secureConnection', (socket) => this.#greet(socket));
  }

  static async start(file: (name: string) => string, abilities: Abilities = {}): Promise<TlsLoopbackServer> {
    const server = new TlsLoopbackServer(file, abilities);
    const listening = once(server.#server, 'listening');
    server.#server.listen(0, '127.0.0.1');
    await listening;
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sends a packet of its own on the only connection. */
  ask(packet: Buffer): void {
    const [socket] = this.connections;
    socket!.write(packet);
  }

  /** Ends the connections that there are. */
  drop(): void {
    for (const socket of this.connections) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.drop();
    await closed;
  }

  #greet(socket: TLSSocket): void {
    this.connections.add(socket);
    this.opened += 1;
    const framing = new Framing();
    const write = socket.alpnProtocol === 'radius/1.1' ? withTokens : undefined;
    socket.on('error', () => {});
    socket.on('close', () => this.connections.delete(socket));
    socket.on('data', (chunk) => {
      for (const packet of framing.push(chunk)) {
        if (packet[0]! > 40) this.answers.push(packet);
        else {
          this.requests.push(packet);
          const reply = this.mind.answer(packet, write);
          if (reply) this.write(socket, reply);
        }
      }
    });
  }
}
