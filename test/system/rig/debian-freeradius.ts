import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeUdpPorts } from '../../rig/free-port.js';
import { type DetailRecord, parseDetail } from './freeradius.js';
import { Server } from './server.js';

/** Where Debian's package puts its configuration. */
const installed = '/etc/freeradius/3.0';
/** One router on the loopback. */
const clients = `client router {
  ipaddr = 127.0.0.1
  secret = testing-secret
}
`;

export interface DebianFreeRadiusOptions {
  /** In the words of the file `users`. */
  readonly users: string;
  /** Its module `sql` is there, with SQLite, and finds who is online (Simultaneous-Use). @default false */
  readonly sql?: boolean;
}

/**
 * FreeRADIUS as Debian installs it: every file of its configuration is Debian's, but for clients and users. Paths, rights and
 * ports are the test's, so that nothing is left behind and nothing is in its way.
 */
export class DebianFreeRadius {
  readonly secret: Buffer = Buffer.from('testing-secret');
  readonly authPort: number;
  readonly acctPort: number;
  readonly #server: Server = new Server({
    name: 'FreeRADIUS of Debian',
    command: (dir) => ['freeradius', '-f', '-l', 'stdout', '-d', dir],
    ready: /Ready to process requests\n$/,
  });

  private constructor(authPort: number, acctPort: number) {
    this.authPort = authPort;
    this.acctPort = acctPort;
  }

  /** @throws {@link RigError} `no-start`, and leaves nothing behind. */
  static async start({ users, sql = false }: DebianFreeRadiusOptions): Promise<DebianFreeRadius> {
    const [auth, acct] = await freeUdpPorts(2);
    const radius = new DebianFreeRadius(auth!, acct!);
    const { dir } = radius.#server;
    cpSync(installed, dir, { recursive: true, verbatimSymlinks: true });
    radius.#place();
    if (sql) radius.#enableSql();
    await radius.#server.begin({ 'clients.conf': clients, users });
    return radius;
  }

  /** What the server said so far. */
  get log(): string {
    return this.#server.log;
  }

  /** Puts lines behind the first line of its site `default` that is `after`, and starts it again. */
  async add(after: string, lines: string): Promise<void> {
    this.#edit('sites-available/default', [[after, `${after}\n${lines}`]]);
    await this.#server.end('SIGTERM');
    await this.#server.start();
  }

  /** It takes nothing and says nothing until {@link resume}. */
  pause(): void {
    this.#server.pause();
  }

  resume(): void {
    this.#server.resume();
  }

  /** Accounting that it wrote down, in its order. */
  detail(): DetailRecord[] {
    const folder = join(this.#server.dir, 'radacct/127.0.0.1');
    const days = existsSync(folder) ? readdirSync(folder).sort() : [];
    return days.flatMap((day) => parseDetail(readFileSync(join(folder, day), 'utf8')));
  }

  /** Ends it and removes its files. */
  close(): Promise<void> {
    return this.#server.close();
  }

  #place(): void {
    const { dir } = this.#server;
    this.#edit('radiusd.conf', [
      ['raddbdir = /etc/freeradius/3.0', `raddbdir = ${dir}`],
      ['logdir = /var/log/freeradius', `logdir = ${dir}`],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: FreeRADIUS writes its variables so
      ['run_dir = ${localstatedir}/run/${name}', `run_dir = ${dir}`],
      ['\tuser = freerad', '\tuser = root'],
      ['\tgroup = freerad', '\tgroup = root'],
    ]);
    const [auth, acct] = [this.authPort, this.acctPort];
    const ports = [auth, acct, auth, acct];
    const site = join(dir, 'sites-available/default');
    const at = readFileSync(site, 'utf8')
      .replace(/^\tport = 0$/gm, () => `\tport = ${ports.shift()}`)
      .replace(/^\tipaddr = \*$/gm, '\tipaddr = 127.0.0.1')
      // The loopback may have no IPv6: the same ports, of another of its addresses.
      .replace(/^\tipv6addr = ::.*$/gm, '\tipaddr = 127.0.0.2');
    writeFileSync(site, at);
  }

  #enableSql(): void {
    const { dir } = this.#server;
    this.#edit('mods-available/sql', [
      ['\tdriver = "rlm_sql_null"', '\tdriver = "rlm_sql_sqlite"'],
      ['\t\tfilename = "/tmp/freeradius.db"', `\t\tfilename = "${dir}/radius.db"`],
    ]);
    cpSync(join(dir, 'mods-available/sql'), join(dir, 'mods-enabled/sql'));
    this.#edit('sites-available/default', [['#\tsql\n}', '\tsql\n}']]);
  }

  /** Debian's text must be there: the test would try another server else. */
  #edit(file: string, changes: readonly (readonly [string, string])[]): void {
    const path = join(this.#server.dir, file);
    let text = readFileSync(path, 'utf8');
    for (const [from, to] of changes) {
      if (!text.includes(from)) throw new Error(`${file} of Debian has no ${from}`);
      text = text.replace(from, () => to);
    }
    writeFileSync(path, text);
  }
}
