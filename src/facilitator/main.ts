import type { FastifyInstance } from 'fastify';
import type { Log } from '../ports/log.js';
import { notListening } from '../system-error.js';
import { type FacilitatorConfig, readFacilitatorConfig } from './config.js';
import { openDatabase } from './database.js';
import { Expiry } from './expiry.js';
import { Journal } from './journal.js';
import { Lookup } from './lookup.js';
import { Metrics } from './metrics.js';
import { Network } from './network.js';
import { Operations } from './operations.js';
import { Resumption } from './resumption.js';
import { buildServer } from './server.js';
import { SessionService } from './service.js';

/** A facilitator that serves. */
export interface Facilitator {
  /** Where it listens. */
  readonly url: string;
  /** Takes a request without a socket. */
  readonly inject: FastifyInstance['inject'];
  /** Replies to those who wait, and ends; transactions that are on their way are found again at the next start. */
  stop(): Promise<void>;
}

/**
 * Starts a facilitator: opens its database, goes on with what was under way, listens.
 * @throws `StoreError` `locked` when another process has the directory; the system's error when it cannot listen.
 */
export async function startFacilitator(config: FacilitatorConfig, log: Log): Promise<Facilitator> {
  const journal = new Journal(openDatabase(config.directory));
  try {
    return await serve(config, journal, log);
  } catch (cause) {
    journal.close();
    throw cause;
  }
}

async function serve(config: FacilitatorConfig, journal: Journal, log: Log): Promise<Facilitator> {
  const networks = new Map(
    Object.keys(config.networks).map((id) => [id, new Network(id, config, journal, log)] as const),
  );
  const metrics = new Metrics(networks, journal);
  const { replyTimeoutMs, enableSessions: opensSessions } = config;
  const operations = new Operations(journal, { replyTimeoutMs, log, ended: metrics.ended });
  const lookup = new Lookup({ journal, operatorToken: config.operatorToken });
  const service = new SessionService(networks, { journal, operations, lookup, opensSessions });
  const server = await buildServer(config, service, metrics, log);
  const resumption = new Resumption(service, journal, log);
  const { closeExpiredMs: everyMs, expiryMarginSeconds: marginSeconds } = config;
  const expiry = new Expiry(service, journal, log, {
    networks: [...networks.keys()],
    everyMs,
    marginSeconds,
  });
  const end = async () => {
    resumption.stop();
    expiry.stop();
    const idle = operations.close();
    for (const { sender } of networks.values()) sender.close();
    await idle;
    await server.close();
  };
  try {
    const url = await server.listen(config.listen).catch((cause) => notListening(cause, config.listen));
    resumption.start();
    if (everyMs > 0) expiry.start();
    return { url, inject: server.inject.bind(server), stop: () => end().then(() => journal.close()) };
  } catch (cause) {
    await end();
    throw cause;
  }
}

/** `turnpike facilitator`. @returns what `startFacilitator` does, or undefined for a faulty configuration, which is logged */
export async function runFacilitator(file: string, log: Log): Promise<Facilitator | undefined> {
  const read = readFacilitatorConfig(file, process.env);
  if (!read.ok) {
    for (const fault of read.faults) log('error', `${file}: ${fault}`);
    return undefined;
  }
  const facilitator = await startFacilitator(read.config, log);
  log('info', `the facilitator is up: ${facilitator.url}`);
  return facilitator;
}
