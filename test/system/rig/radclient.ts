import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** What a request of radclient came to. */
export interface RadclientResult {
  /** `Disconnect-ACK` ...; undefined when nothing came that radclient takes. */
  readonly reply: string | undefined;
  /** Attributes of the reply, as `Name = value`. */
  readonly attributes: readonly string[];
  /** All that it printed. */
  readonly output: string;
}

/** How long a request that is to have no reply waits for one, in seconds. */
export const silence = 1;
/** How long any other waits, in seconds: much longer than any reply takes. */
const patience = 60;

/**
 * Sends one request with FreeRADIUS's own client, once, and waits for the reply.
 * @param attributes `Name = value`
 * @param seconds how long it waits
 */
export async function radclient(
  port: number,
  kind: 'auth' | 'acct' | 'disconnect' | 'coa' | 'status',
  attributes: readonly string[],
  secret: Buffer,
  seconds: number = patience,
): Promise<RadclientResult> {
  const fixed = ['-x', '-r', '1', '-t', String(seconds), `127.0.0.1:${port}`, kind, String(secret)];
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
