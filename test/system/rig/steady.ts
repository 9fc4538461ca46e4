import { text } from 'node:stream/consumers';
import { until } from '../../rig/until.js';
import { serverAddress } from './network.js';
import type { Room, RoomProcess } from './room.js';

/** The port of the web server's room that sends each datagram back. */
const port = 4_000;
/** Milliseconds between two datagrams. */
const paceMs = 5;

const echo = `const s = require('node:dgram').createSocket('udp4');
s.on('message', (m, { port, address }) => s.send(m, port, address));
s.bind(${port}, () => console.log('ready'));`;

/** Says on each line of its input how many it has sent, how many came back, and when the last did; "stop" ends the sending. */
const stream = `const s = require('node:dgram').createSocket('udp4');
let [sent, back, lastAt] = [0, 0, 0];
s.on('message', () => { back += 1; lastAt = Date.now(); });
s.on('error', () => {});
const timer = setInterval(() => s.send(String(sent++), ${port}, process.argv[1], () => {}), ${paceMs});
process.stdin.on('data', (line) => {
  if (String(line).includes('stop')) clearInterval(timer);
  console.log(JSON.stringify({ sent, back, lastAt }));
});`;

/** What has become of a stream. `lastAt`: wall clock, in ms. */
export interface Seen {
  readonly sent: number;
  readonly back: number;
  readonly lastAt: number;
}

/** Sends each datagram back to whom it came from. */
export async function startEcho(wan: Room): Promise<RoomProcess> {
  const server = wan.start(process.execPath, ['-e', echo]);
  server.stderr.resume();
  await new Promise((resolve) => server.stdout.once('data', resolve));
  return server;
}

/** Datagrams of a device at an even pace, each of which is to come back: a gap is one that does not. */
export class Steady {
  readonly #process: RoomProcess;
  readonly #complaint: Promise<string>;

  constructor(room: Room) {
    this.#process = room.start(process.execPath, ['-e', stream, serverAddress]);
    this.#complaint = text(this.#process.stderr);
  }

  /** Stands still until so many more have come back. */
  async goesOn(more = 20): Promise<void> {
    const { back } = await this.seen();
    await until('datagrams coming back', async () => (await this.seen()).back >= back + more);
  }

  seen(line = 'how'): Promise<Seen> {
    return new Promise((resolve, reject) => {
      this.#process.stdout.once('data', (out) => resolve(JSON.parse(String(out)) as Seen));
      void this.#complaint.then(reject);
      this.#process.stdin.write(`${line}\n`);
    });
  }

  /** Sends no more. @returns what has become of all, when each has come back; when no more do, where it `isLossy` */
  async stop(isLossy = false): Promise<Seen> {
    let seen = await this.seen('stop');
    let same = 0;
    const isBack = async () => {
      const { back } = seen;
      seen = await this.seen();
      same = seen.back === back ? same + 1 : 0;
      return seen.back === seen.sent || (isLossy && same >= 20);
    };
    await until('each datagram back', isBack, () => seen);
    await this.#process.signal('KILL');
    await this.#process.exited;
    return seen;
  }
}
