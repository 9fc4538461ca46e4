import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { freeTcpPort, freeUdpPorts } from '../../rig/free-port.js';
import { Server } from './server.js';

/** A user of the server, in the words of its `users` file. */
export interface RadiusUser {
  readonly name: string;
  /** Undefined: rejected, whatever the password. */
  readonly password?: string;
  /** `Session-Timeout = 60`; `+=` for a repeat. */
  readonly reply?: readonly string[];
}

/** An accounting request as the server wrote it down: every value of each attribute, text without its quotes. */
export type DetailRecord = ReadonlyMap<string, readonly string[]>;

export interface FreeRadiusOptions {
  readonly users?: readonly RadiusUser[];
  /** Writes accounting requests down. @default true */
  readonly detail?: boolean;
  /** It listens for RADIUS over TLS, too, with these certificates. */
  readonly certificates?: (name: string) => string;
}

const dictionary = `$INCLUDE /usr/share/freeradius/dictionary
BEGIN-VENDOR ChilliSpot
ATTRIBUTE ChilliSpot-Max-Input-Gigawords 21 integer
ATTRIBUTE ChilliSpot-Max-Output-Gigawords 22 integer
ATTRIBUTE ChilliSpot-Max-Total-Gigawords 23 integer
END-VENDOR ChilliSpot
`;

/** Whether this machine's loopback has an IPv6 address; FreeRADIUS ends where it cannot listen. */
export const hasIPv6: boolean = Object.values(networkInterfaces())
  .flat()
  .some((at) => at?.address === '::1');

const addresses = ['ipaddr = 127.0.0.1', ...(hasIPv6 ? ['ipv6addr = ::1'] : [])];

const tlsClients = `clients radsec {
  client router {
    ipaddr = 127.0.0.1
    proto = tls
    secret = radsec
  }
}`;

/** As Debian's `sites-available/tls` has it. */
function tlsListener(port: number, file: (name: string) => string): string {
  return `
  listen {
    type = auth+acct
    ipaddr = 127.0.0.1
    port = ${port}
    proto = tcp
    clients = radsec
    limit {
      max_connections = 16
      lifetime = 0
      idle_timeout = 30
    }
    tls {
      private_key_file = ${file('server.key')}
      certificate_file = ${file('server.pem')}
      ca_file = ${file('ca.pem')}
      cipher_list = "DEFAULT"
      ecdh_curve = ""
      tls_min_version = "1.2"
      tls_max_version = "1.3"
      require_client_cert = yes
    }
  }`;
}

/** A real FreeRADIUS with a configuration of its own, on ports of this machine's loopback. */
export class FreeRadius {
  readonly secret: Buffer = Buffer.from('testing-secret');
  readonly authPort: number;
  readonly acctPort: number;
  /** The one for TLS. */
  readonly tlsPort: number;
  readonly #server: Server = new Server({
    name: 'FreeRADIUS',
    command: (dir) => ['freeradius', '-f', '-l', 'stdout', '-d', dir],
    ready: /Ready to process requests\n$/,
  });

  private constructor(ports: readonly [number, number, number]) {
    [this.authPort, this.acctPort, this.tlsPort] = ports;
  }

  /**
   * Needs Debian's `freeradius freeradius-utils`. It ends with this process, however that ends.
   * @throws {@link RigError} `no-start`, and leaves nothing behind.
   */
  static async start(options: FreeRadiusOptions = {}): Promise<FreeRadius> {
    const { users = [], detail = true, certificates } = options;
    const [auth, acct] = await freeUdpPorts(2);
    const radius = new FreeRadius([auth!, acct!, await freeTcpPort()]);
    await radius.#server.begin({
      'radiusd.conf': radius.#configuration(
        detail,
        certificates ? tlsListener(radius.tlsPort, certificates) : '',
      ),
      dictionary,
      users: users.map(userEntry).join('\n'),
    });
    return radius;
  }

  /** What the server said so far, for the report of a failure. */
  get log(): string {
    return this.#server.log;
  }

  /** Starts it again after {@link stop} or {@link kill}, on the same ports. */
  start(): Promise<void> {
    return this.#server.start();
  }

  /** Ends the server as its service does. */
  stop(): Promise<void> {
    return this.#server.end('SIGTERM');
  }

  /** Ends it with SIGKILL. */
  kill(): Promise<void> {
    return this.#server.end('SIGKILL');
  }

  /** It takes nothing and says nothing until {@link resume}, as if the way there were cut. */
  pause(): void {
    this.#server.pause();
  }

  resume(): void {
    this.#server.resume();
  }

  /** Ends the server and removes its files. */
  close(): Promise<void> {
    return this.#server.close();
  }

  /** The accounting requests that it has acknowledged, in their order. */
  detail(): DetailRecord[] {
    // There is no file before the first one.
    return parseDetail(readFileSync(join(this.#server.dir, 'detail'), { encoding: 'utf8', flag: 'a+' }));
  }

  #configuration(detail: boolean, overTls: string): string {
    const listeners = (type: string, port: number) =>
      addresses.map((at) => `  listen {\n    type = ${type}\n    ${at}\n    port = ${port}\n  }`).join('\n');
    const clients = addresses.map(
      (at, i) =>
        `client loopback${i} {\n  ${at}\n  secret = ${this.secret}\n  require_message_authenticator = yes\n}`,
    );
    const { dir } = this.#server;
    return `
prefix = /usr
libdir = /usr/lib/freeradius
logdir = ${dir}
run_dir = ${dir}
max_request_time = 5
max_requests = 65536
security {
  status_server = yes
}
thread pool {
  start_servers = 2
  max_servers = 4
  min_spare_servers = 1
  max_spare_servers = 4
}
${clients.join('\n')}
${overTls && tlsClients}
modules {
  pap {
  }
  chap {
  }
  files {
    filename = ${dir}/users
  }
  detail {
    filename = ${dir}/detail
  }
  always ok {
    rcode = ok
  }
}
server turnpike {
${listeners('auth', this.authPort)}
${listeners('acct', this.acctPort)}
${overTls}
  authorize {
    chap
    files
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
    Auth-Type CHAP {
      chap
    }
  }
  post-auth {
    update reply {
      Message-Authenticator := 0x00
    }
    Post-Auth-Type REJECT {
      update reply {
        Message-Authenticator := 0x00
      }
    }
  }
  accounting {
    ${detail ? 'detail' : 'ok'}
  }
}
`;
  }
}

function userEntry({ name, password, reply = [] }: RadiusUser): string {
  const check = password === undefined ? 'Auth-Type := Reject' : `Cleartext-Password := "${password}"`;
  return `"${name}" ${check}\n${reply.map((line) => `\t${line}`).join(',\n')}\n`;
}

/** A record is a line of its time, lines of `\tName = value`, and an empty line. */
export function parseDetail(detail: string): DetailRecord[] {
  return detail
    .split('\n\n')
    .filter((record) => record.includes('\t'))
    .map((record) => {
      const values = new Map<string, string[]>();
      for (const [, name = '', value = ''] of record.matchAll(/^\t(\S+) = (.*)$/gm)) {
        values.set(name, [...(values.get(name) ?? []), value.replace(/^"(.*)"$/, '$1')]);
      }
      return values;
    });
}
