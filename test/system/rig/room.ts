import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { until } from '../../rig/until.js';

/** A command of the rig that failed, or something that did not happen in time. */
export class RigError extends Error {
  readonly code: 'command-failed' | 'no-start' | 'no-redirect' | 'timeout';

  constructor(code: RigError['code'], message: string) {
    super(message);
    this.name = 'RigError';
    this.code = code;
  }
}

/** A process in a {@link Room}. */
export interface RoomProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the process is gone and its output is read to the end, with its exit code; 128 after a signal. */
  readonly exited: Promise<number>;
  /** Sends `TERM`, `KILL` ...; a process that is gone already is no error. */
  signal(name: string): Promise<void>;
  /** Stops it where it is, until {@link thaw}; resolves when no thread of it runs any more. */
  freeze(): Promise<void>;
  thaw(): void;
}

/**
 * A machine of its own on this one: network, mount and process namespaces without a name.
 *
 * They live exactly as long as the room's first process, and that one ends when its standard input does. So the
 * kernel takes everything away (processes, mounts, sockets, links) even if the test is killed with SIGKILL.
 */
export class Room {
  readonly #first: ChildProcess;
  readonly #running = new Set<Promise<unknown>>();

  private constructor(first: ChildProcess) {
    this.#first = first;
  }

  /** @throws {@link RigError} `no-start` without root or without namespaces in the kernel. */
  static async open(): Promise<Room> {
    const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const first = spawn('unshare', [...namespaces, 'sh', '-c', 'echo open; exec cat'], { stdio: 'pipe' });
    first.stdin.on('error', () => {});
    const complaint = text(first.stderr);
    await Promise.race([once(first.stdout, 'data'), once(first, 'exit')]);
    if (first.exitCode !== null) throw new RigError('no-start', `no namespaces: ${await complaint}`);
    const room = new Room(first);
    try {
      await room.run('sh', ['-c', 'ip link set lo up && echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6']);
    } catch (error) {
      await room.close();
      throw error;
    }
    return room;
  }

  /** The id, outside, of a process in the room's network and mount namespaces. */
  get pid(): number {
    return this.#first.pid!;
  }

  /** The kernel's names of the room's namespaces: whoever is in one of them belongs to the room. */
  namespaces(): string[] {
    return ['net', 'mnt', 'pid_for_children'].map((kind) => readlinkSync(`/proc/${this.pid}/ns/${kind}`));
  }

  /** Where a file of the room is found from outside. */
  path(inside: string): string {
    return `/proc/${this.pid}/root${inside}`;
  }

  /** Starts a program in the room. */
  start(file: string, args: readonly string[]): RoomProcess {
    // The shell tells its id inside, which `exec` passes on: signals sent to nsenter would not reach the program.
    const announced = ['sh', '-c', 'echo $$ >&3; exec 3>&-; exec "$@"', 'sh', file, ...args];
    const child = spawn('nsenter', [...this.#entrance(), ...announced], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    const gone = once(child, 'exit');
    this.#running.add(gone);
    void gone.then(() => this.#running.delete(gone));
    return this.#handle(child as ChildProcessWithoutNullStreams, child.stdio[3] as Readable);
  }

  /** {@link run}, in the room. */
  run(file: string, args: readonly string[], input = ''): Promise<string> {
    return run('nsenter', [...this.#entrance(), file, ...args], input);
  }

  /** Ends every process of the room; resolves when they, and with them the namespaces, are gone. */
  async close(): Promise<void> {
    const ended = [...this.#running];
    if (this.#first.exitCode === null && this.#first.signalCode === null) {
      const exit = once(this.#first, 'exit');
      this.#first.stdin?.end();
      await exit;
    }
    await Promise.all(ended);
  }

  #handle(child: ChildProcessWithoutNullStreams, ids: Readable): RoomProcess {
    const { stdin, stdout, stderr } = child;
    stdin.on('error', () => {});
    const id = once(ids, 'data').then(([line]) => String(line).trim());
    const exited = once(child, 'close').then(([code]) => (code as number | null) ?? 128);
    const signal = async (name: string) => {
      const alive = await Promise.race([id, exited.then(() => undefined)]);
      if (alive !== undefined && child.exitCode === null)
        await this.run('sh', ['-c', `kill -${name} ${alive} 2>/dev/null || :`]);
    };
    const freeze = async () => {
      await signal('STOP');
      const tasks = this.path(`/proc/${await id}/task`);
      const all = () => [`/proc/${child.pid}`, ...readdirSync(tasks).map((task) => `${tasks}/${task}`)];
      await until('it stands still', () => all().every(stands));
    };
    // When its program is stopped, nsenter stops too, and has it go on when it goes on itself.
    const thaw = () => void child.kill('SIGCONT');
    return { stdin, stdout, stderr, exited, signal, freeze, thaw };
  }

  #entrance(): string[] {
    const target = ['--target', String(this.pid), '--net', '--mount'];
    return [...target, `--pid=/proc/${this.pid}/ns/pid_for_children`, '--'];
  }
}

/** Whether a thread was stopped by a signal (proc_pid_stat(5): the state comes after the name in brackets). */
function stands(task: string): boolean {
  return /\) T [^)]*$/.test(readFileSync(`${task}/stat`, 'utf8'));
}

/**
 * Runs a program to its end and gives what it printed.
 * @throws {@link RigError} `command-failed` with what it complained about.
 */
export async function run(file: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(file, args, { stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const exit = once(child, 'exit');
  const [out, complaint, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  if (code !== 0) throw new RigError('command-failed', `${file} ${args.join(' ')}: ${complaint || code}`);
  return out;
}
