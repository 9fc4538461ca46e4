import { Connections } from './connections.js';
import { passOver } from './conntrack.js';
import type {
  BaselineResult,
  BaselineTask,
  ConntrackFault,
  TestimonyResult,
  TestimonyTask,
} from './contract.js';

/** Numbers in a row: mark, up and down. */
const columns = 3;

/**
 * Notes what each connection has moved by now, in the shared memory of the task. The first time twice: what the one pass
 * misses the other one sees.
 */
export function noteConnections(task: BaselineTask): BaselineResult {
  const started = performance.now();
  const until = started + task.limitMs;
  const isFirst = new Connections(task.memory).isEmpty;
  const fault = (isFirst ? passNumber(task, until) : undefined) ?? passNumber(task, until);
  return { fault, tookMs: performance.now() - started };
}

function passNumber({ pass, file, memory }: BaselineTask, until: number): ConntrackFault | undefined {
  const connections = new Connections(memory);
  let room = connections.begin(pass);
  return passOver(file, until, (found) => {
    if (connections.note(pass, found)) room -= 1;
    return room >= 0;
  });
}

/** Says what connections have moved since a pass, for each mark. */
export async function testify(task: TestimonyTask): Promise<TestimonyResult> {
  const { file, memory, since, round, mask, limitMs } = task;
  const started = performance.now();
  const connections = new Connections(memory);
  let room = connections.begin(since);
  const sums = new Map<number, { up: number; down: number }>();
  const add = (mark: number, up: number, down: number) => {
    const sum = sums.get(mark);
    if (sum) {
      sum.up += up;
      sum.down += down;
    } else sums.set(mark, { up, down });
  };
  const fault = passOver(file, started + limitMs, (found) => {
    if (connections.since(since, round, mask, found, add)) room -= 1;
    return room >= 0;
  });
  return fault === undefined
    ? { ok: true, rows: rowsOf(sums), tookMs: performance.now() - started }
    : { ok: false, reason: fault, detail: complaints[fault], tookMs: performance.now() - started };
}

/** A number for each mark and its two amounts. */
function rowsOf(sums: ReadonlyMap<number, { up: number; down: number }>): Float64Array {
  const rows = new Float64Array(columns * sums.size);
  let at = 0;
  for (const [mark, { up, down }] of sums) {
    rows.set([mark, up, down], at);
    at += columns;
  }
  return rows;
}

const complaints: Readonly<Record<ConntrackFault, string>> = {
  missing: 'the kernel lists no connections',
  off: 'the kernel does not count what connections move',
  late: 'it takes too long to list all connections',
  many: 'there are too many connections',
};
