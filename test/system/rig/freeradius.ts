import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from '../../free-port.js';
import { RigError } from './room.js';

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
}

const dictionary = `$INCLUDE /usr/share/freeradius/dictionary
BEGIN-VENDOR ChilliSpot
ATTRIBUTE ChilliSpot-Max-Input-Gigawords 21 integer
ATTRIBUTE ChilliSpot-Max-Output-Gigawords 22 integer
ATTRIBUTE ChilliSpot-Max-Total-Gigawords 23 integer
END-VENDOR ChilliSpot
`;

/** A real FreeRADIUS with a configuration of its own, on ports of this machine's loopback. */
export class FreeRadius {
  readonly secret: Buffer = Buffer.from('testing-secret');
  readonly authPort: number;
  readonly acctPort: number;
  readonly #dir: string;
  #child: ChildProcess | undefined;
  #log = '';

  private constructor(dir: string, ports: readonly [number, number]) {
    [this.authPort, this.acctPort] = ports;
    this.#dir = dir;
  }

  /**
   * Needs Debian's `freeradius freeradius-utils`. It ends with this process, however that ends.
   * @throws {@link RigError} `no-start`, and leaves nothing behind.
   */
  static async start(options: FreeRadiusOptions = {}): Promise<FreeRadius> {
    const { users = [], detail = true } = options;
    const dir = mkdtempSync(join(tmpdir(), 'turnpike-radius-'));
    const server = new FreeRadius(dir, [await freePort(), await freePort()]);
    writeFileSync(join(dir, 'radiusd.conf'), server.#configuration(detail));
    writeFileSync(join(dir, 'dictionary'), dictionary);
    writeFileSync(join(dir, 'users'), users.map(userEntry).join('\n'));
    try {
      await server.start();
    } catch (error) {
      rmSync(dir, { recursive: true });
      // uvu says nothing of what a `before` threw.
      console.error(`FreeRADIUS is not there: ${(error as Error).message}`);
      throw error;
    }
    return server;
  }

  /** What the server said so far, for the report of a failure. */
  get log(): string {
    return this.#log;
  }

  /** Starts it again after {@link stop} or {@link kill}, on the same ports. */
  async start(): Promise<void> {
    const arguments_ = ['--pdeathsig', 'KILL', 'freeradius', '-f', '-l', 'stdout', '-d', this.#dir];
    const child = spawn('setpriv', arguments_, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const ready = new Promise<boolean>((resolve) => {
      const said = (chunk: Buffer) => {
        this.#log += chunk;
        if (this.#log.endsWith('Ready to process requests\n')) resolve(true);
      };
      child.stdout?.on('data', said);
      child.stderr?.on('data', said);
      child.once('error', () => resolve(false));
      child.once('exit', () => resolve(false));
    });
    if (!(await ready)) throw new RigError('no-start', `freeradius ended: ${this.#log}`);
  }

  /** Ends the server as its service does. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Ends it with SIGKILL. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** It takes nothing and says nothing until {@link resume}, as if the way there were cut. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends the server and removes its files. */
  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#dir, { recursive: true });
  }

  /** The accounting requests that it has acknowledged, in their order. */
  detail(): DetailRecord[] {
    // There is no file before the first one.
    return parseDetail(readFileSync(join(this.#dir, 'detail'), { encoding: 'utf8', flag: 'a+' }));
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  #configuration(detail: boolean): string {
    const listener = (type: string, port: number) =>
      `  listen {\n    type = ${type}\n    ipaddr = 127.0.0.1\n    port = ${port}\n  }`;
    return `
prefix = /usr
libdir = /usr/lib/freeradius
logdir = ${this.#dir}
run_dir = ${this.#dir}
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
client loopback {
  ipaddr = 127.0.0.1
  secret = ${this.secret}
  require_message_authenticator = yes
}
modules {
  pap {
  }
  chap {
  }
  files {
    filename = ${this.#dir}/users
  }
  detail {
    filename = ${this.#dir}/detail
  }
  always ok {
    rcode = ok
  }
}
server turnpike {
${listener('auth', this.authPort)}
${listener('acct', this.acctPort)}
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
function parseDetail(detail: string): DetailRecord[] {
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

/** What a request of radclient came to. */
export interface RadclientResult {
  /** `Disconnect-ACK` ...; undefined when nothing came that radclient takes. */
  readonly reply: string | undefined;
  /** Attributes of the reply, as `Name = value`. */
  readonly attributes: readonly string[];
  /** All that it printed. */
  readonly output: string;
}

/**
 * Sends one request with FreeRADIUS's own client, once, and waits a second for the reply.
 * @param attributes `Name = value`
 */
export async function radclient(
  port: number,
  kind: 'auth' | 'acct' | 'disconnect' | 'coa' | 'status',
  attributes: readonly string[],
  secret: Buffer,
): Promise<RadclientResult> {
  const fixed = ['-x', '-r', '1', '-t', '1', `127.0.0.1:${port}`, kind, String(secret)];
  const { out, complaint } = await runRadclient(fixed, `${attributes.join('\n')}\n`);
  const [, received = ''] = out.split(/^(?=Received )/m);
  return {
    reply: /^Received (\S+)/.exec(received)?.[1],
    attributes: [...received.matchAll(/^\t(\S+ = .*)$/gm)].map((m) => m[1]!),
    output: out + complaint,
  };
}

/** Runs radclient to its end, whatever that is. */
export async function runRadclient(
  args: readonly string[],
  input = '',
): Promise<{ readonly out: string; readonly complaint: string }> {
  const child = spawn('radclient', args, { stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const closed = once(child, 'close');
  const [out, complaint] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { out, complaint };
}
