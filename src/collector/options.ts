import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';

/** What `turnpike collect` was asked to do. */
export interface CollectOptions {
  readonly database: string;
  readonly task: 'collect' | 'report' | 'csv' | 'help';
  /** What the lines of a report are. */
  readonly by: 'router' | 'session' | 'day';
  readonly url: string;
  readonly prefix: string;
  /** Name of the shared subscription; empty for a subscription of its own. */
  readonly group: string;
  readonly clientId: string;
  readonly connections: number;
  readonly protocol: 5 | 4;
  readonly username?: string;
  readonly password?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

export const usage = `turnpike collect: writes down what routers report on MQTT

  turnpike collect --broker mqtt://HOST [--database FILE|postgres://...]
  turnpike collect --report [--by router|session|day] [--database ...]
  turnpike collect --csv    [--by router|session|day] [--database ...]

  --database FILE     a SQLite file, or the URL of a PostgreSQL database (turnpike.sqlite)
  --prefix TOPIC      as in the routers' configuration (turnpike)
  --group NAME        collectors of one group share the load (collectors); '' for a plain subscription
  --client-id ID      must differ between collectors (turnpike-collector-HOSTNAME)
  --connections N     1 to 64 (16)
  --protocol 5|4      MQTT 5, or 3.1.1 (5)
  --user NAME         its password is in the file --password-file, or in TURNPIKE_MQTT_PASSWORD
  --ca FILE --cert FILE --key FILE
`;

const known = {
  broker: { type: 'string', default: 'mqtt://127.0.0.1' },
  database: { type: 'string', default: 'turnpike.sqlite' },
  prefix: { type: 'string', default: 'turnpike' },
  group: { type: 'string', default: 'collectors' },
  'client-id': { type: 'string', default: `turnpike-collector-${hostname()}` },
  connections: { type: 'string', default: '16' },
  protocol: { type: 'string', default: '5' },
  user: { type: 'string' },
  'password-file': { type: 'string' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  by: { type: 'string', default: 'router' },
  report: { type: 'boolean', default: false },
  csv: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Something in the arguments is wrong; `message` says what. */
export class OptionError extends Error {
  readonly code = 'bad_option';
}

/** @throws {@link OptionError}, what `parseArgs` throws, or what a file of a password does */
export function readOptions(argv: readonly string[]): CollectOptions {
  const { values } = parseArgs({ args: [...argv], options: known });
  const { broker, by, group, prefix, database, user, ca, cert, key } = values;
  const connections = Number(values.connections);
  if (!Number.isInteger(connections) || connections < 1 || connections > 64) {
    throw new OptionError('--connections is 1 to 64');
  }
  if (by !== 'router' && by !== 'session' && by !== 'day')
    throw new OptionError('--by is router, session or day');
  if (values.protocol !== '5' && values.protocol !== '4') throw new OptionError('--protocol is 5 or 4');
  if (/[/+#]/.test(group)) throw new OptionError('--group has no /, + or #');
  if (!/^(?:mqtts?|wss?):\/\//.test(broker)) throw new OptionError('--broker is such as mqtts://host:8883');
  const password = passwordOf(values['password-file']);
  return {
    task: values.help ? 'help' : values.csv ? 'csv' : values.report ? 'report' : 'collect',
    url: broker,
    protocol: values.protocol === '5' ? 5 : 4,
    clientId: values['client-id'],
    ...{ database, by, prefix, group, connections },
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { caFile: ca }),
    ...(cert !== undefined && { certFile: cert }),
    ...(key !== undefined && { keyFile: key }),
  };
}

/** Never an argument: those are shown to every user of the machine. */
function passwordOf(file: string | undefined): string | undefined {
  return file === undefined ? process.env.TURNPIKE_MQTT_PASSWORD : readFileSync(file, 'utf8').trimEnd();
}
