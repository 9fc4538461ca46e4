import { parseArgs } from 'node:util';
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
  readonly help: boolean;
}

const dialects = Object.keys(simulatedDialects);
const [mostSeconds, mostClients] = [86_400, 5000];

export const usage = `turnpike demo: simulated customers buy WiFi at a simulated portal, use it up and come back

  turnpike demo [--seconds N] [--clients N] [--dialect NAME] [--json]
  turnpike demo --escrow [--json]

  --seconds N     ends by itself after N seconds, 1 to ${mostSeconds}; without it the demo runs until Ctrl-C
  --clients N     so many customers, 1 to ${mostClients}; 12 without it
  --dialect NAME  the portal: ${dialects.join(' or ')}; ${dialects[0]} without it
  --json          prints one line of JSON at the end and nothing else
  --escrow        one customer pays in on a chain of the demo's own, uses a part of it and gets the rest back
`;

const asked = {
  seconds: { type: 'string' },
  clients: { type: 'string' },
  dialect: { type: 'string' },
  json: { type: 'boolean', default: false },
  escrow: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Reads the arguments after `turnpike demo`. */
export function readOptions(args: string[]): Result<DemoOptions> {
  const parsed = parse(args);
  if (!parsed.ok) return parsed;
  const { seconds, clients, dialect, json, escrow, help } = parsed.value;
  if (escrow && (seconds ?? clients ?? dialect) !== undefined) return bad('--escrow goes with --json only');
  const options = {
    ...{ json, escrow, help },
    seconds: seconds === undefined ? Number.POSITIVE_INFINITY : whole(seconds, mostSeconds),
    clients: whole(clients ?? '12', mostClients),
    dialect: dialectNamed(dialect ?? dialects[0]!),
  };
  if (options.seconds === undefined) return bad(`--seconds must be 1 to ${mostSeconds}, not '${seconds}'`);
  if (options.clients === undefined) return bad(`--clients must be 1 to ${mostClients}, not '${clients}'`);
  if (!options.dialect) return bad(`--dialect must be ${dialects.join(' or ')}, not '${dialect}'`);
  return { ok: true, value: options as DemoOptions };
}

function parse(args: string[]) {
  try {
    return { ok: true, value: parseArgs({ args, options: asked }).values } as const;
  } catch (cause) {
    // Node goes on about arguments that begin with a dash.
    return bad((cause as Error).message.split('. ')[0]!);
  }
}

function bad(message: string) {
  return refuse('bad_argument', message);
}

function whole(text: string, most: number): number | undefined {
  const n = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return n >= 1 && n <= most ? n : undefined;
}
