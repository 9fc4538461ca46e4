import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Service, SetupDone } from '../api/service.js';
import { refuse } from '../domain/refuse.js';
import type { Log } from '../ports/log.js';
import type { Result } from '../ports/result.js';
import { targets } from '../setup/registry.js';
import { reasonOf } from '../system-error.js';
import type { Members } from './members.js';
import type { Config } from './schema.js';
import { type SetupPlace, setupOf } from './setup.js';
import { Turns } from './turns.js';

/** How long a service may take to restart, in ms: openNDS takes up to a minute. */
const restartMs = 120_000;

export interface SetupServiceParts {
  readonly config: () => Config;
  readonly portals: Members['portals'];
  /** Undefined where the daemon was started without a file. */
  readonly place: SetupPlace | undefined;
  /** Puts turnpike's own options into effect. */
  readonly reload: () => Promise<unknown>;
  /** The answer comes when services are restarted. @default it does not wait for them, as a caller of ubus does not */
  readonly waits?: true;
  readonly log: Log;
}

/** Sets up a portal as somebody asks for it over ubus, one after the other. */
export function setupService(parts: SetupServiceParts): Service['setup'] {
  const turns = new Turns();
  return (order) =>
    turns.run(async () => {
      try {
        return await serve(parts, order);
      } catch (cause) {
        return refuse('setup_failed', reasonOf(cause));
      }
    });
}

async function serve(
  { config, portals, place, reload, waits, log }: SetupServiceParts,
  { target, act, restart, wish }: Parameters<Service['setup']>[0],
): Promise<Result<SetupDone>> {
  if (!place)
    return refuse('setup_impossible', 'this turnpike has no file of UCI: it cannot set anything up');
  if (!mayWrite(dirname(place.file)))
    return refuse(
      'needs_root',
      `turnpike is not root here: LuCI does it, or 'turnpike setup ${target}' of root's shell`,
    );
  const setup = setupOf(target, config(), portals, { ...place, wish });
  if (!setup.ok) return setup;
  if (act === 'look') {
    const changes = await setup.value.look();
    return changes.ok ? { ok: true, value: { changes: changes.value, kept: [], done: false } } : changes;
  }
  const done = await (act === 'apply' ? applied(setup.value) : undone(setup.value));
  if (!done.ok) return done;
  log('info', `setup: ${target} ${act === 'apply' ? 'is set up' : 'is as it was before it was set up'}`);
  await reload();
  const { service, also = [] } = targets[target]!;
  const restarts = restart ? [service, ...also].map((one) => restartService(one, log)) : [];
  if (waits) await Promise.all(restarts);
  return done;
}

/** `uci` writes its files anew, beside the old ones. */
function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function restartService(file: string, log: Log): Promise<void> {
  try {
    await promisify(execFile)(file, ['restart'], { timeout: restartMs });
    log('info', `setup: ${file} is restarted`);
  } catch (cause) {
    log('error', `setup: ${file} cannot be restarted: ${reasonOf(cause)}`);
  }
}

type SetupOf = Extract<ReturnType<typeof setupOf>, { ok: true }>['value'];

async function applied(setup: SetupOf): Promise<Result<SetupDone>> {
  const changes = await setup.apply();
  return changes.ok ? { ok: true, value: { changes: changes.value, kept: [], done: true } } : changes;
}

async function undone(setup: SetupOf): Promise<Result<SetupDone>> {
  const kept = await setup.undo();
  return kept.ok ? { ok: true, value: { changes: [], kept: kept.value, done: true } } : kept;
}
