import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Result } from '../../ports/result.js';
import type { Reply, WebRequest, WebSite } from '../../ports/web.js';
import { type Confirmation, foreignText, readEvent } from './event.js';
import { readLogout } from './logout.js';
import type { HookConfig } from './section.js';
import { type Scheme, unsigned } from './signature.js';

/** Longest message of a provider, in bytes. */
const longestMessage = 64 * 1024;

/** Takes what a hook's provider says is paid. */
export type Confirm = (hook: string, paid: Confirmation) => Promise<Result<{ readonly state: string }>>;

/** Ends the sessions of a user, once for each key. */
export type LogOut = (user: string, key: string) => Promise<Result<unknown>>;

/** `POST /hooks/NAME`, for the providers' servers, and for PCs. */
export function hookSite(
  all: readonly HookConfig[],
  { confirm, logOut }: { readonly confirm: Confirm; readonly logOut: LogOut },
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): WebSite | undefined {
  const hooks = all.filter(isTakenHere);
  if (hooks.length === 0) return undefined;
  const handle = async (request: WebRequest): Promise<Reply> => {
    const hook = hooks.find(({ name }) => name === request.params.name);
    if (!hook) return answer(404, 'unknown_method');
    const refused = unsigned(hook.signature, request, hook.secrets, clock.wall());
    if (refused) {
      log('warn', `hook ${hook.name}: a message was refused: ${refused.message}`);
      return answer(400, refused.code);
    }
    if (hook.takes === 'logouts') {
      const read = readLogout(hook.name, request);
      const done = read.ok && read.value ? await logOut(read.value.user, read.value.key) : read;
      if (done.ok) return answer(200);
      log('error', `hook ${hook.name}: a signed message was refused: ${done.message}`);
      return answer(statusOf(done.code), done.code);
    }
    const event = readEvent(hook, request.body);
    if (!event.ok) {
      log('error', `hook ${hook.name}: a signed message was refused: ${event.message}`);
      return answer(statusOf(event.code), event.code);
    }
    // Messages about other things are taken, so that their provider does not send them again.
    if (!event.value) return answer(200);
    if (event.value === 'foreign') {
      log('warn', `hook ${hook.name}: ${foreignText}`);
      return answer(200);
    }
    const done = await confirm(hook.name, event.value);
    if (!done.ok) return answer(statusOf(done.code), done.code);
    // What is not served yet, or not even on the disk, the provider is to say again.
    const isServed = done.value.state === 'sold' || done.value.state === 'voucher';
    return isServed ? answer(200) : answer(503, 'busy');
  };
  const route = { method: 'POST', path: '/hooks/:name', from: 'anybody', mostBytes: longestMessage } as const;
  return { routes: [{ ...route, handle }] };
}

/** A hub takes the messages of the others. */
function isTakenHere(hook: HookConfig): hook is HookConfig & { readonly signature: Scheme } {
  return hook.signature !== 'hub';
}

/** Providers repeat what was answered with anything but 200. */
function statusOf(code: string): number {
  if (code === 'unknown_order') return 404;
  return code.startsWith('storage_') ? 503 : 422;
}

function answer(status: number, error?: string): Reply {
  const headers = { 'Content-Type': 'application/json' };
  return { status, headers, body: `${JSON.stringify(error === undefined ? {} : { error })}\n` };
}
