import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { present } from '../domain/present.js';
import { refuse } from '../domain/refuse.js';
import type { Version } from '../mqtt/versions.js';
import type { Result } from '../ports/result.js';

/** What stands on the command line, unchecked. */
export interface GivenOptions {
  readonly broker: string;
  readonly database: string;
  readonly prefix: string;
  readonly group: string;
  readonly 'client-id': string | undefined;
  readonly connections: string;
  readonly protocol: string | undefined;
  readonly user: string | undefined;
  readonly 'password-file': string | undefined;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly by: string | undefined;
  readonly report: boolean;
  readonly csv: boolean;
}

/** What `turnpike collect` was asked to do. */
export interface CollectOptions {
  readonly database: string;
  readonly task: 'collect' | 'report' | 'csv';
  /** What the lines of a report are. */
  readonly by: 'router' | 'session' | 'day';
  readonly url: string;
  readonly prefix: string;
  /** Name of the shared subscription; empty for a subscription of its own. */
  readonly group: string;
  readonly clientId: string;
  readonly connections: number;
  /** The only version of MQTT that is tried; absent: 5, and 3.1.1 where the broker does not take it. */
  readonly protocol?: Version;
  readonly username?: string;
  readonly password?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

const mostConnections = 64;
/** Versions of MQTT by what names them on the command line. */
const versions = { '5': 5, '4': 4 } as const;

/** Checks the options. @throws what the operating system says of the file of the password */
export function readOptions(given: GivenOptions): Result<CollectOptions> {
  const { by = 'router', group, prefix, database, report, csv } = given;
  const connections = Number(given.connections);
  if (!Number.isInteger(connections) || connections < 1 || connections > mostConnections)
    return wrong(`--connections must be 1 to ${mostConnections}`);
  if (by !== 'router' && by !== 'session' && by !== 'day')
    return wrong('--by must be router, session or day');
  if (given.by !== undefined && !report && !csv) return wrong('--by goes with --report or --csv');
  if (!isVersion(given.protocol)) return wrong('--protocol must be 5 or 4');
  if (/[/+#]/.test(group)) return wrong('--group must have no /, + or # in it');
  if (!isBroker(given.broker)) return wrong('--broker must be a URL such as mqtts://host:8883');
  if (isPostgres(database) && !URL.canParse(database)) return wrong('--database is no URL of PostgreSQL');
  return {
    ok: true,
    value: {
      ...{ database, by, prefix, group, connections },
      task: csv ? 'csv' : report ? 'report' : 'collect',
      url: given.broker,
      clientId: given['client-id'] ?? `turnpike-collector-${hostname()}`,
      ...(given.protocol && { protocol: versions[given.protocol] }),
      ...present({
        username: given.user,
        password: passwordOf(given['password-file']),
        ...{ caFile: given.ca, certFile: given.cert, keyFile: given.key },
      }),
    },
  };
}

/** Whether a database is named by its URL, and not a file. */
export function isPostgres(database: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(database);
}

function isVersion(protocol: string | undefined): protocol is keyof typeof versions | undefined {
  return protocol === undefined || Object.hasOwn(versions, protocol);
}

function wrong(message: string): Result<never> {
  return refuse('usage', message);
}

function isBroker(url: string): boolean {
  return /^(?:mqtts?|wss?):\/\/./.test(url) && URL.canParse(url);
}

/** Never an argument: those are shown to every user of the machine. */
function passwordOf(file: string | undefined): string | undefined {
  return file === undefined ? process.env.TURNPIKE_MQTT_PASSWORD : readFileSync(file, 'utf8').trimEnd();
}
