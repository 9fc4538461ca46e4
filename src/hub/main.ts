import type { FastifyInstance } from 'fastify';
import { type Database, NoDatabaseError } from '../collector/database.js';
import { openDatabase } from '../collector/open.js';
import { printable } from '../collector/printable.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { notListening } from '../system-error.js';
import { type Broker, connectBroker } from './broker.js';
import { type HubConfig, readHubConfig } from './config.js';
import { Dispatch } from './dispatch.js';
import { Metrics } from './metrics.js';
import { makeTables } from './orders.js';
import { Outbox } from './outbox.js';
import { Presence } from './presence.js';
import { Reporter } from './reporter.js';
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
  /** From 0 to 1. */
  readonly random?: () => number;
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
  const { clock = machine, connect = connectBroker, random = Math.random } = parts;
  const log: Log = (level, text) => parts.log(level, printable(text));
  const outbox = new Outbox({ database, endpoints: config.webhooks, clock, log, random });
  const patienceMs = config.offlineAfterSeconds * 1000;
  const presence = new Presence({ database, outbox, clock, log, patienceMs });
  await presence.load();
  const reporter = new Reporter({ outbox, clock, log });
  const broker: Broker = connect(config.broker, {
    log,
    online: (router) => dispatch.online(router),
    reply: (router, answer) => void dispatch.answered(router, answer),
    standing: (router, isOnline) => presence.heard(router, isOnline),
    session: reporter.isWanted ? (message) => reporter.take(message) : undefined,
  });
  const dispatch = new Dispatch({ database, broker, clock, log });
  const metrics = new Metrics(database, broker);
  const hurry = () => {
    void dispatch.hurry();
    outbox.hurry();
  };
  const reads = { database, broker, endpoints: config.webhooks, routers: presence.known };
  const server = await buildServer(config, { ...reads, clock, log, metrics, hurry });
  const end = async () => {
    await server.close();
    reporter.stop();
    await broker.stop();
    await dispatch.stop();
    await presence.stop();
    await outbox.stop();
  };
  try {
    const url = await server.listen(config.listen).catch((cause) => notListening(cause, config.listen));
    dispatch.start();
    presence.start();
    await outbox.start();
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
