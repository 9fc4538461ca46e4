// A router for the pages of luci-app: the daemon with a simulated portal behind an HTTP server that stands in for
// uhttpd and rpcd, with the rights from the application's own file.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import { methods } from '../../src/api/control.js';
import { parseUci } from '../../src/config/uci.js';
import type { Mac } from '../../src/domain/mac.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { type DaemonProcess, startProcess } from '../rig/daemon.js';
import { readJson, resources } from './source.js';

type Stub = (args: Table) => Table | Promise<Table>;
interface Call {
  readonly object: string;
  readonly method: string;
  readonly args: Table;
}
interface Rights {
  readonly ubus?: Readonly<Record<string, readonly string[]>>;
  readonly uci?: readonly string[];
  readonly file?: Readonly<Record<string, readonly string[]>>;
}
type Section = Readonly<Record<string, string | readonly string[]>>;

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css',
};
const ok = (data: Table = {}) => ({ status: 0, data });
const denied = { error: { code: -32002, message: 'Access denied' } };
const notFound = { error: { code: -32000, message: 'Object not found' } };
const methodNotFound = { status: 3 };

const acl = Object.values(
  readJson('root/usr/share/rpcd/acl.d/luci-app-turnpike.json') as Record<
    string,
    { read: Rights; write: Rights }
  >,
);

export class Router {
  readonly daemon: DaemonProcess;
  readonly portal: SimulatedPortal;
  /** Answers in the place of the daemon's, by method. */
  readonly stubs: Record<string, Stub> = {};
  readonly secrets: Record<string, Table> = {};
  /** The host hints of LuCI. */
  hosts: Table = { '02:00:00:00:00:01': { name: 'annas-phone', ipaddrs: ['10.0.0.2'] } };
  /** Everything that was ever sent to the browser. */
  readonly sent: string[] = [];
  readonly refused: string[] = [];
  readonly #server: Server;
  running = true;

  private constructor(daemon: DaemonProcess, portal: SimulatedPortal) {
    this.daemon = daemon;
    this.portal = portal;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(sections: (portal: string) => string, clients: readonly string[]): Promise<Router> {
    const socket = join(tmpdir(), `turnpike-views-${process.pid}.sock`);
    const portal = new SimulatedPortal(opennds, socket);
    await portal.start();
    for (const [i, mac] of clients.entries()) portal.join(mac as Mac, `10.0.0.${i + 2}`);
    const router = new Router(await startProcess(sections(socket)), portal);
    await new Promise<void>((resolve) => router.#server.listen(0, '127.0.0.1', resolve));
    return router;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.daemon.close();
    await this.portal.stop();
  }

  /** The address of a page; `write` is the right to change something. */
  page(view: string, { write = true, dark = false } = {}): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/page?view=${view}&write=${write}&dark=${dark}`;
  }

  get config(): string {
    return readFileSync(join(this.daemon.dir, 'turnpike'), 'utf8');
  }

  set config(text: string) {
    writeFileSync(join(this.daemon.dir, 'turnpike'), text);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://router');
    try {
      if (request.method === 'POST') return this.#reply(request, response);
      if (url.pathname === '/page')
        return void response.setHeader('content-type', 'text/html; charset=utf-8').end(html(url));
      const name = url.pathname.slice(1);
      const path = name.startsWith('luci-static/') ? join(resources, name.slice(22)) : join('test', name);
      response.setHeader('content-type', types[extname(path)] ?? 'text/plain').end(readFileSync(path));
    } catch {
      response.writeHead(404).end();
    }
  }

  async #reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = JSON.parse(Buffer.concat(chunks).toString()) as Call;
    const write = new URL(request.headers.referer!).searchParams.get('write') === 'true';
    const answer = JSON.stringify(await this.#answer(call, write));
    this.sent.push(answer);
    response.end(answer);
  }

  #answer(call: Call, write: boolean): Promise<object> | object {
    if (!this.#may(call, write)) {
      this.refused.push(`${call.object} ${call.method}`);
      return denied;
    }
    if (call.object === 'turnpike') return this.#ask(call);
    if (call.object === 'uci') return this.#uci(call);
    if (call.object === 'file') return this.#start();
    return ok(this.hosts);
  }

  #may({ object, method, args }: Call, write: boolean): boolean {
    const reads = acl.map((group) => group.read);
    const writes = write ? acl.map((group) => group.write) : [];
    const rights = [...reads, ...writes];
    const line = [args.command, ...((args.params as unknown as string[]) ?? [])].join(' ');
    if (object === 'file' && !rights.some(({ file }) => file?.[line]?.includes(method))) return false;
    if (object !== 'uci') return rights.some(({ ubus }) => ubus?.[object]?.includes(method));
    const has = (some: readonly Rights[]) => some.some(({ uci }) => uci?.includes(String(args.config)));
    return method === 'get' ? has(reads) : write && (method === 'apply' || has(writes));
  }

  async #ask({ method, args }: Call): Promise<object> {
    if (!this.running) return notFound;
    const stub = this.stubs[method];
    if (stub) return ok(await stub(args));
    return method in methods ? ok(await this.daemon.call(method, args)) : methodNotFound;
  }

  async #start(): Promise<object> {
    await this.daemon.start();
    this.running = true;
    return ok();
  }

  async #uci({ method, args }: Call): Promise<object> {
    if (method === 'get') return ok({ values: readSections(this.config) as unknown as Table });
    if (method === 'replace') this.config = writeSections(args.values as unknown as Section[]);
    if (method === 'add') this.secrets[String(args.name)] ??= {};
    if (method === 'set') Object.assign(this.secrets[String(args.section)]!, args.values);
    return method === 'apply' ? ok(await this.daemon.call('reload')) : ok();
  }
}

function html(url: URL): string {
  const { view, write, dark } = Object.fromEntries(url.searchParams);
  const scripts = ['runtime', 'widgets', 'forms'].map(
    (name) => `<script src="/luci-app/${name}.js"></script>`,
  );
  const draw = view!.includes('include')
    ? `load('view.${view}').then(async (box) => { document.getElementById('view').append(box.render(await box.load())); window.drawn = true; })`
    : `load('view.${view!.replaceAll('/', '.')}')`;
  return `<!DOCTYPE html><html data-write="${write}" data-darkmode="${dark}"><head>
    <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/luci-app/theme.css">
    </head><body><div id="notes"></div><div id="view"></div><div id="modal_overlay"></div>${scripts.join('')}
    <script>${draw}</script></body></html>`;
}

function readSections(text: string): Section[] {
  return parseUci(text).sections.map(({ type, name, options, lists }, i) => ({
    '.type': type,
    '.name': name ?? `cfg${i}`,
    ...Object.fromEntries([...options].map(([key, { value }]) => [key, value])),
    ...Object.fromEntries([...lists].map(([key, values]) => [key, values.map(({ value }) => value)])),
  }));
}

function writeSections(sections: readonly Section[]): string {
  return sections
    .map(({ '.type': type, '.name': name, ...options }) => {
      const lines = Object.entries(options).flatMap(([key, value]) =>
        Array.isArray(value)
          ? value.map((one) => `\tlist ${key} '${one}'\n`)
          : [`\toption ${key} '${String(value)}'\n`],
      );
      return `config ${String(type)} '${String(name)}'\n${lines.join('')}`;
    })
    .join('');
}
