import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readConfig } from './config/config.js';
import { formatFaults } from './config/fault.js';
import { logTo } from './log.js';
import type { Level } from './ports/log.js';
import { version } from './version.js';

const usage = `turnpike ${version}: sells WiFi by the megabyte and by the minute

  turnpike run   [--config FILE]                 the daemon, in the foreground
  turnpike check [--config FILE]                 says everything that is wrong with the configuration
  turnpike demo  [--seconds N] [--clients N] [--dialect opennds|nodogsplash] [--json]
  turnpike demo  --escrow [--json]               a wallet pays, uses a part, gets the rest back; in a checkout only
  turnpike facilitator --config FILE             the escrow's session server, in the foreground
  turnpike call  METHOD ['{...}'] [--socket FILE] calls the ubus object, as "ubus call turnpike" does
  turnpike list [-v] [PATH] [--socket FILE]      lists objects of ubus; -v: methods and their arguments' types
  turnpike sessions [--socket FILE]              lists the sessions that have not ended
  turnpike grant MAC BYTES REASON [--socket FILE]
  turnpike close ID|MAC [--socket FILE]
  turnpike collect ...                           writes down what routers report on MQTT; --help says more
`;

const options = {
  config: { type: 'string', default: '/etc/config/turnpike' },
  socket: { type: 'string' },
  seconds: { type: 'string' },
  clients: { type: 'string', default: '12' },
  dialect: { type: 'string', default: 'opennds' },
  json: { type: 'boolean', default: false },
  escrow: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

async function main(argv: string[]): Promise<number> {
  if (argv[0] === 'collect') return collect(argv.slice(1));
  if (argv[0] === 'list') return list(argv.slice(1));
  const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true });
  const [command, ...rest] = positionals;
  if (values.version) {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  if (values.help || command === undefined) {
    process.stdout.write(usage);
    return values.help ? 0 : 2;
  }
  switch (command) {
    case 'run':
      return run(values.config);
    case 'check':
      return check(values.config);
    case 'demo': {
      if (values.escrow) return demoEscrow(values.json);
      const { runDemo } = await import('../packages/demo/demo.js');
      return runDemo({ ...values, worker: workerFile() });
    }
    case 'facilitator':
      return facilitate(values.config);
    case 'call':
    case 'sessions':
    case 'grant':
    case 'close': {
      const { callCommand } = await import('./call.js');
      return callCommand(command, rest, values.socket);
    }
    default:
      process.stderr.write(`turnpike: there is no command '${command}'\n\n${usage}`);
      return 2;
  }
}

async function list(args: string[]): Promise<number> {
  const [{ findSocket }, { listCommand }] = await Promise.all([import('./call.js'), import('./cli/list.js')]);
  return listCommand(args, findSocket());
}

/** For servers, as the facilitator is. */
async function collect(args: string[]): Promise<number> {
  const file = besides('collector.mjs', './collector/main.js');
  if (!existsSync(file)) throw new Error('the collector is not part of this package');
  const collector = (await import(file.href)) as typeof import('./collector/main.js');
  return collector.collect(args);
}

function check(file: string): number {
  const result = readConfig(file);
  if (!result.ok) {
    process.stdout.write(`${formatFaults(result.faults)}\n`);
    return 1;
  }
  const { plans, gateways, methods } = result.config;
  process.stdout.write(
    `${file}: ${plans.length} plans, ${gateways.length} gateways, ${methods.length} payment methods\n`,
  );
  return 0;
}

async function run(file: string): Promise<number> {
  let level: Level = 'info';
  const log = logTo(
    (line) => process.stderr.write(line),
    () => level,
    !process.stderr.isTTY,
  );
  const load = () => {
    const result = readConfig(file);
    if (result.ok) level = result.config.main.logLevel;
    return result;
  };
  const first = load();
  if (first.ok && !first.config.main.enabled) {
    log('info', `turnpike is switched off in ${file}`);
    return 0;
  }
  const { ConfigError, startDaemon } = await import('./main.js');
  try {
    const daemon = await startDaemon({ load, log, worker: workerFile() });
    process.on('SIGHUP', () => void daemon.reload().then((r) => r.error && log('error', JSON.stringify(r))));
    await ended();
    await daemon.stop();
    return 0;
  } catch (cause) {
    if (!(cause instanceof ConfigError) && !hasCode(cause)) throw cause;
    log('error', (cause as Error).message);
    return 1;
  }
}

/** A server of its own, which is not in the router's package: the daemon never loads any of it. */
async function facilitate(file: string): Promise<number> {
  const log = logTo(
    (line) => process.stderr.write(line),
    () => 'info',
    !process.stderr.isTTY,
  );
  const { runFacilitator } = await loadFacilitator();
  const facilitator = await runFacilitator(file, log);
  if (!facilitator) return 1;
  await ended();
  await facilitator.stop();
  return 0;
}

/** The demo with a chain, in a file of its own: it needs what `npm ci` puts beside the build. */
async function demoEscrow(json: boolean): Promise<number> {
  const demo = besides('escrow-demo.mjs', '../packages/demo/deposit.js').href;
  const { runEscrowDemo } = (await import(demo)) as typeof import('../packages/demo/deposit.js');
  return runEscrowDemo({
    json,
    worker: workerFile(),
    runFacilitator: (await loadFacilitator()).runFacilitator,
  });
}

async function loadFacilitator(): Promise<typeof import('./facilitator/main.js')> {
  return import(besides('facilitator.mjs', './facilitator/main.js').href);
}

function hasCode(cause: unknown): boolean {
  return typeof (cause as { code?: unknown }).code === 'string';
}

/** Resolves at the first request to end; the event loop is kept alive until then. */
function ended(): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => {}, 0x7fff_ffff);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        clearInterval(alive);
        resolve();
      });
    }
  });
}

/** The worker beside this file in the bundle, or in its own folder in a build for tests. */
function workerFile(): URL {
  return besides('poll.mjs', '../workers/poll.js');
}

/** A file that is loaded by its name: in the bundle, or in a build for tests. */
function besides(bundled: string, translated: string): URL {
  const isBundled = import.meta.url.endsWith('.mjs');
  return new URL(isBundled ? `./${bundled}` : translated, import.meta.url);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (cause) => {
    process.stderr.write(`turnpike: ${cause instanceof Error ? cause.message : cause}\n`);
    process.exit(hasCode(cause) && String(cause.code).startsWith('ERR_PARSE_ARGS') ? 2 : 1);
  },
);
