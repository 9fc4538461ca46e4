'use strict';
'require baseclass';
'require rpc';

// Every call of the daemon, and what each of its refusals means to a person.

const methods = {
  status: [],
  plans: [],
  quote: ['plan', 'steps'],
  session: ['id'],
  find: ['what'],
  sessions: ['state', 'search', 'sort', 'offset', 'limit'],
  close: ['id', 'reason'],
  grant: ['mac', 'plan', 'steps', 'bytes', 'seconds', 'reason', 'idempotency_key'],
  purchase: ['mac', 'plan', 'steps', 'payment', 'idempotency_key'],
  voucher_create: [
    'plan',
    'steps',
    'count',
    'valid_until',
    'single_use',
    'digits',
    'reprint',
    'idempotency_key',
  ],
  voucher_codes: ['batch'],
  voucher_void: ['id'],
  vouchers: ['search', 'sort', 'offset', 'limit'],
  deposits: ['state', 'search', 'sort', 'offset', 'limit'],
  stats: ['from', 'to', 'step'],
  reload: [],
  setup: ['target', 'apply', 'undo', 'restart', 'interface', 'allow_mac'],
  upstream_test: ['name'],
};

const callExec = rpc.declare({ object: 'file', method: 'exec', params: ['command', 'params'], reject: true });
const callHosts = rpc.declare({ object: 'luci-rpc', method: 'getHostHints', expect: { '': {} } });

const pageSize = 200;

const sentences = {
  not_running: _('turnpike is not running.'),
  not_supported: _('The version of turnpike that is running cannot do this.'),
  denied: _('You do not have the right to do this.'),
  login_expired: _('Your login has expired, and nothing was done: log in again.'),
  no_answer: _('The router does not answer.'),
  bad_mac: _('This is not the MAC address of a device.'),
  bad_steps: _('The plan does not sell this number of steps.'),
  gateway_needed: _('No portal knows this device yet: let it open a page first.'),
  limits_differ: _('The running session is limited by other things than this plan. Close it first.'),
  offloaded: _('Flow offload takes packets past the caps, so no data is sold: switch it off.'),
  portal_full: _('The portal lists more devices than can be counted: nothing was sold.'),
  price_differs: _('The price is another one by now, and nothing was sold: look at it again.'),
  no_price: _('The plan has no price for this way to pay.'),
  too_large: _('That is more than can be counted.'),
  too_many_vouchers: _('There is no room for so many vouchers. Void what is not needed.'),
  unknown_plan: _('There is no such plan any more.'),
  plan_off: _('This plan is off: its settings have a fault.'),
  unknown_session: _('There is no such session any more.'),
  unknown_upstream: _('turnpike does not use it: it is switched off, or its settings were not applied.'),
  codes_not_kept: _('These vouchers cannot be printed again: their codes are not kept any more.'),
  unknown_voucher: _('There is no such voucher any more.'),
  storage_full: _('The storage is full: nothing was changed.'),
  voucher_key_damaged: _('The key of the voucher codes is damaged: put it back from a backup.'),
  storage_failed: _('The storage cannot be written: nothing was changed.'),
};

function failure(code, message, reply) {
  const error = new Error(sentences[code] ?? message);
  return Object.assign(error, { code, reply });
}

/** Why a call did not get through to the daemon: LuCI's RPC errors have a text and no code. */
function broken(cause) {
  // LuCI's message has the lines of its scripts behind it.
  if (cause?.name === 'SessionError') return failure('login_expired');
  const text = String(cause?.message ?? cause);
  if (/-32000|ubus code 4\b/.test(text)) return failure('not_running');
  if (/ubus code 3\b/.test(text)) return failure('not_supported');
  if (/-32002|ubus code 6\b/.test(text)) return failure('denied');
  if (/ubus code 7\b/.test(text)) return failure('no_answer');
  return failure('transport', text);
}

function answered(reply) {
  if (!L.isObject(reply)) throw failure('no_answer');
  if (L.isObject(reply.error)) throw failure(reply.error.code, reply.error.message, reply);
  return reply;
}

function caller(object, method, params) {
  const send = rpc.declare({ object, method, params, reject: true });
  return (args) =>
    send(...params.map((name) => args?.[name])).then(answered, (cause) => {
      throw broken(cause);
    });
}

const calls = {};
for (const method in methods) calls[method] = caller('turnpike', method, methods[method]);

// Where the daemon is not root's, rpcd does it.
const [setUp, setUpAsRoot] = [calls.setup, caller('turnpike-root', 'setup', methods.setup)];
calls.setup = (args) =>
  setUp(args).catch((error) => {
    if (error.code !== 'needs_root') throw error;
    return setUpAsRoot(args);
  });

return baseclass.extend({
  call: calls,

  /** Everything that a list has for these arguments, page by page. */
  all(method, args, found = []) {
    return calls[method]({ ...args, offset: found.length, limit: pageSize }).then((reply) => {
      const rows = found.concat(reply[method]);
      const isMore = reply[method].length > 0 && rows.length < reply.count;
      return isMore ? this.all(method, args, rows) : rows;
    });
  },

  /** Names and addresses by MAC, as far as the router knows them. */
  hosts: () => L.resolveDefault(callHosts(), {}),

  /** Starts the daemon and waits until it answers. */
  start() {
    const settle = (ms) => new Promise((resolve) => window.setTimeout(resolve, ms));
    const ask = (left) =>
      calls.status().catch((error) => {
        if (left === 0) throw error;
        return settle(1000).then(() => ask(left - 1));
      });
    return callExec('/etc/init.d/turnpike', ['start']).then(
      () => settle(500).then(() => ask(8)),
      (cause) => {
        throw broken(cause);
      }
    );
  },

  /** A key under which a request is done once, however often it is sent. */
  newKey() {
    const words = window.crypto.getRandomValues(new Uint32Array(4));
    return `luci-${Array.from(words, (word) => word.toString(36)).join('-')}`;
  },
});
