import { refuse } from '../../src/domain/refuse.js';
import type { Result } from '../../src/ports/result.js';
import type { SimulatedDialect } from '../simulators/dialects/dialect.js';
import { dialectNamed, simulatedDialects } from '../simulators/dialects/registry.js';

/** What the demo is asked for. */
export interface DemoOptions {
  /** Infinite when it runs until it is stopped. */
  readonly seconds: number;
  /** Customers. */
  readonly clients: number;
  readonly dialect: SimulatedDialect;
  /** Prints one line of JSON at the end and nothing else. */
  readonly json: boolean;
  /** The one customer with a wallet instead of the many with cash. */
  readonly escrow: boolean;
}

const dialects = Object.keys(simulatedDialects);
const [mostSeconds, mostClients] = [86_400, 5000];

/** What stands on the command line. */
export interface Given {
  readonly seconds?: string;
  readonly clients?: string;
  readonly dialect?: string;
  readonly json?: boolean;
  readonly escrow?: boolean;
}

/** Checks what stands behind `turnpike demo`. */
export function readOptions({
  seconds,
  clients,
  dialect,
  json = false,
  escrow = false,
}: Given): Result<DemoOptions> {
  if (escrow && (seconds ?? clients ?? dialect) !== undefined) return bad('--escrow goes with --json only');
  const options = {
    ...{ json, escrow },
    seconds: seconds === undefined ? Number.POSITIVE_INFINITY : whole(seconds, mostSeconds),
    clients: whole(clients ?? '12', mostClients),
    dialect: dialectNamed(dialect ?? dialects[0]!),
  };
  if (options.seconds === undefined) return bad(`--seconds must be 1 to ${mostSeconds}, not '${seconds}'`);
  if (options.clients === undefined) return bad(`--clients must be 1 to ${mostClients}, not '${clients}'`);
  if (!options.dialect) return bad(`--dialect must be ${dialects.join(' or ')}, not '${dialect}'`);
  return { ok: true, value: options as DemoOptions };
}

function bad(message: string) {
  return refuse('bad_argument', message);
}

function whole(text: string, most: number): number | undefined {
  const n = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return n >= 1 && n <= most ? n : undefined;
}
