import { execFile } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { answer } from '../api/control.js';
import type { Service } from '../api/service.js';
import { setup } from '../api/setup.js';
import { members } from '../wiring/members.js';
import { readConfig } from '../wiring/schema.js';
import { setupService } from '../wiring/setup-service.js';
import { json } from './bus.js';
import { tableOf } from './call.js';
import { demandFile } from './config-file.js';
import { CommandError, explain } from './failure.js';
import { commandLog } from './log.js';
import { print } from './output.js';

const init = '/etc/init.d/turnpike';

/**
 * Answers a call of the ubus method `setup` in the place of a daemon that is not root's: rpcd calls this as root. The
 * arguments come as JSON on standard input, the answer goes to standard output.
 * @returns the exit code: 0, also where the answer is an error
 */
export async function answerSetup({ config: file, uci }: { config: string; uci: string }): Promise<number> {
  const given = tableOf(await text(process.stdin));
  const log = commandLog(() => 'warn');
  const parts = {
    config: () => {
      demandFile(file);
      const read = readConfig(file);
      if (read.ok) return read.config;
      throw new CommandError('failed', `${file} has faults: turnpike check says which`);
    },
    portals: members.portals,
    place: { file, uci },
    // Not over ubus: what uci has written is root's, and the init script gives it to the daemon's user.
    reload: () => promisify(execFile)(init, ['reload']).catch(notReloaded),
    waits: true,
    log,
  } as const;
  // The method asks nothing else of it.
  const service = { setup: setupService(parts), log } as unknown as Service;
  await print(`${json(await answer(setup.setup!, given, service))}\n`);
  return 0;
}

function notReloaded(cause: unknown): never {
  throw new CommandError('failed', `${init} reload: ${explain(cause)}`, { cause });
}
