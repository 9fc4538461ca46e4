import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Result } from '../ports/result.js';
import type { ChangeInWords } from '../setup/changes.js';
import { targets } from '../setup/registry.js';
import { UciError } from '../setup/uci.js';
import { members } from '../wiring/members.js';
import { usualPagePort } from '../wiring/page-port.js';
import { readConfig } from '../wiring/schema.js';
import { setupOf } from '../wiring/setup.js';
import { command, usage } from './command.js';
import { configOptions, demandFile } from './config-file.js';
import { CommandError, explain } from './failure.js';
import { print } from './output.js';

const names = Object.keys(targets);
/** Services take some seconds to restart; openNDS up to a minute, in ms. */
const restartMs = 120_000;

export const setup = command({
  name: 'setup',
  summary: 'sets up a portal so that nobody passes it without paying, or takes that back',
  args: ['[TARGET]'],
  options: {
    ...configOptions,
    json: {
      says: 'takes the arguments of the ubus method setup from standard input, and answers as that does',
    },
    yes: { says: 'does it; without this the changes are shown, and nothing is changed' },
    undo: { says: 'puts back what was there before' },
    restart: { says: 'puts it into effect: restarts the service and reloads turnpike' },
    port: { value: 'PORT', says: `the port of the page that says where to buy (default: ${usualPagePort})` },
    interface: { value: 'NAME', says: 'nftables: the network interface of the customers, a bridge' },
    'allow-mac': { value: 'MAC', says: 'nftables: your own device, which needs no session; or none' },
    uci: { value: 'FILE', default: 'uci', says: "OpenWrt's uci, which sets the options" },
  },
  details: `
${Object.entries(targets)
  .map(([name, { summary }]) => `  ${name}: ${summary}`)
  .join('\n')}

  turnpike setup opennds
  turnpike setup opennds --yes --restart
  turnpike setup nftables --allow-mac 02:00:00:00:00:01`,
  run: (given) => run(given).catch((cause) => Promise.reject(inOneLine(cause))),
});

interface Wish {
  readonly args: readonly string[];
  readonly options: {
    readonly config: string;
    readonly json: boolean;
    readonly yes: boolean;
    readonly undo: boolean;
    readonly restart: boolean;
    readonly port: string | undefined;
    readonly interface: string | undefined;
    readonly 'allow-mac': string | undefined;
    readonly uci: string;
  };
}

async function run({ args: [name = ''], options }: Wish): Promise<number> {
  if (options.json) {
    const { answerSetup } = await import('./setup-call.js');
    return answerSetup(options);
  }
  const { config: file, yes, undo, restart, port, uci } = options;
  const target = targets[name];
  if (!target) throw usage(`TARGET must be one of ${names.join(', ')}, and not '${name}'`);
  const chosen = { file, uci, wish: wishOf(options), ...(port !== undefined && { port: portIn(port) }) };
  const one = demand(setupOf(name, configIn(file), members.portals, chosen));
  const restarting = restart && yes;
  if (undo) {
    if (!yes) return say([`--undo --yes puts back what was there before ${name} was set up`]);
    const kept = demand(await one.undo());
    await say(['undone', ...kept.map((option) => `${option} was changed by somebody else since, and stays`)]);
  } else {
    const changes = demand(await (yes ? one.apply() : one.look()));
    await say([...changes.map(lineOf), ...verdict(changes.length, yes)]);
    if (changes.length === 0 && !restarting) return 0;
  }
  const services = [target.service, ...(target.also ?? [])];
  return restarting ? restartAll(services) : say(yes ? [adviceOn(services)] : []);
}

function wishOf({ interface: name, 'allow-mac': device }: Wish['options']) {
  return {
    ...(name !== undefined && { interface: name }),
    ...(device !== undefined && { allowMac: device }),
  };
}

/** What `uci` said, without the words of the system a second time. */
function inOneLine(cause: unknown): unknown {
  return cause instanceof UciError ? new CommandError('failed', cause.message) : cause;
}

function verdict(count: number, isDone: boolean): string[] {
  if (count === 0) return ['everything is set up as it is to be'];
  return [isDone ? `${count} changes made` : 'nothing is changed yet: --yes does it'];
}

function lineOf({ name, from, to }: ChangeInWords): string {
  return `${name}: ${from === '' ? 'not set' : `'${from}'`} -> ${to === '' ? 'not set' : `'${to}'`}`;
}

function adviceOn(services: readonly string[]): string {
  const restarts = services.map((service) => `${service} restart; `).join('');
  return `this puts it into effect: ${restarts}/etc/init.d/turnpike reload`;
}

async function restartAll(services: readonly string[]): Promise<number> {
  for (const [file, action] of [
    ...services.map((service) => [service, 'restart'] as const),
    ['/etc/init.d/turnpike', 'reload'] as const,
  ]) {
    try {
      await promisify(execFile)(file, [action], { timeout: restartMs });
    } catch (cause) {
      throw new CommandError('failed', `${file} ${action}: ${explain(cause)}`, { cause });
    }
    await say([`${file} ${action}: done`]);
  }
  return 0;
}

function configIn(file: string) {
  demandFile(file);
  const loaded = readConfig(file);
  if (loaded.ok) return loaded.config;
  throw new CommandError('failed', `${file} has faults: see 'turnpike check --config ${file}'`);
}

function portIn(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535 && port !== 80) return port;
  throw usage(`PORT must be 1 to 65535 and not 80, which portals keep to themselves, and not '${text}'`);
}

function demand<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new CommandError('failed', result.message);
}

async function say(lines: readonly string[]): Promise<number> {
  if (lines.length > 0) await print(`${lines.join('\n')}\n`);
  return 0;
}
