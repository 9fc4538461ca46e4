import { outputOf, reasonOf } from '../src/programs/output.js';
import type { Neighbour, NeighbourResult, NeighbourTask } from './contract.js';
import { readNames } from './leases.js';

/** `10.0.0.7 dev br-lan lladdr 02:00:00:00:00:07 REACHABLE`, as iproute2 and busybox print it. */
const lineForm = /^(\S+) dev (\S+) lladdr ([0-9a-f:]{17})\b.* ([A-Z]+)$/;

/** Reads the kernel's neighbours of some interfaces, of both families. No packet is sent to anybody. */
export async function readNeighbours(task: NeighbourTask): Promise<NeighbourResult> {
  const started = performance.now();
  const took = () => performance.now() - started;
  try {
    const [output, names] = await Promise.all([outputOf('ip', task), readNames(task.leases)]);
    const found = neighboursIn(output.toString('latin1'), task.interfaces).map((one) =>
      named(one, names.get(one.mac)),
    );
    return { ok: true, found, tookMs: took() };
  } catch (cause) {
    return { ok: false, reason: reasonOf(cause), detail: (cause as Error).message, tookMs: took() };
  }
}

function named(device: Neighbour, name: string | undefined): Neighbour {
  return name === undefined ? device : { ...device, name };
}

/** The devices in what `ip neigh show` prints. One without a MAC is none: nobody has answered there. */
export function neighboursIn(text: string, interfaces: readonly string[]): Neighbour[] {
  return text.split('\n').flatMap((line) => {
    const [, ip, name, mac, state] = lineForm.exec(line.trim()) ?? [];
    if (name === undefined || !interfaces.includes(name)) return [];
    return { ip: ip!, mac: mac!, state: state! };
  });
}
