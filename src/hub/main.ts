import type { FastifyInstance } from 'fastify';
import { type Database, NoDatabaseError } from '../collector/database.js';
import { openDatabase } from '../collector/open.js';
import { printable } from '../collector/printable.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { type Broker, connectBroker } from './broker.js';
import { type HubConfig, readHubConfig } from './config.js';
import { Dispatch } from './dispatch.js';
import { Metrics } from './metrics.js';
import { makeTables } from './orders.js';
import { buildServer } from './server.js';

const machine: Clock = {
  mono: () => performance.now(),
  wall: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** A hub that serves. */
export interface Hub {
  /** Where it listens. */
  readonly url: string;
  /** Takes a request without a socket. */
  readonly inject: FastifyInstance['inject'];
  /** Replies to those who wait, and ends; open orders are in the database. */
  stop(): Promise<void>;
}

/** What the hub is given. */
export interface HubParts {
  readonly log: Log;
  /** @default the machine's */
  readonly clock?: Clock;
  /** @default over MQTT */
  readonly connect?: typeof connectBroker;
}

/**
 * Starts a hub on the collector's database: makes its tables there, connects to the broker, listens.
 * @throws {@link NoDatabaseError}, or what the database, the broker's files or the system throw
 */
export async function startHub(config: HubConfig, parts: HubParts): Promise<Hub> {
  // A place that nobody has collected into is a mistyped one.
  const database = await openDatabase(config.database, { make: false });
  try {
    await makeTables(database);
    return await serve(config, database, parts);
  } catch (cause) {
    await database.close();
    throw cause;
  }
}

async function serve(config: HubConfig, database: Database, parts: HubParts): Promise<Hub> {
  const { clock = machine, connect = connectBroker } = parts;
  const log: Log = (level, text) => parts.log(level, printable(text));
  const broker: Broker = connect(config.broker, {
    log,
    online: (router) => dispatch.online(router),
    reply: (router, answer) => void dispatch.answered(router, answer),
  });
  const dispatch = new Dispatch({ database, broker, clock, log });
  const metrics = new Metrics(database, broker);
  const hurry = () => void dispatch.hurry();
  const server = await buildServer(config, { database, broker, clock, log, metrics, hurry });
  const end = async () => {
    await server.close();
    await broker.stop();
    await dispatch.stop();
  };
  try {
    const url = await server.listen(config.listen);
    dispatch.start();
    return { url, inject: server.inject.bind(server), stop: () => end().then(() => database.close()) };
  } catch (cause) {
    await end();
    throw cause;
  }
}

/** `turnpike hub`. @returns what {@link startHub} does, or undefined for a faulty configuration, which is logged */
export async function runHub(file: string, log: Log): Promise<Hub | undefined> {
  const read = readHubConfig(file, process.env);
  if (!read.ok) {
    for (const fault of read.faults) log('error', `${file}: ${fault}`);
    return undefined;
  }
  try {
    const hub = await startHub(read.config, { log });
    log('info', `the hub is up: ${hub.url}`);
    return hub;
  } catch (cause) {
    if (!(cause instanceof NoDatabaseError)) throw cause;
    log(
      'error',
      `${file}: database: no collector has written one there; name another, or start turnpike collect`,
    );
    return undefined;
  }
}
