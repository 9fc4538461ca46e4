import { needed } from '../words.mjs';

/** The daemon and its business figures. See `methods` of ../methods.mjs. */
export const daemon = {
  status: {
    does: 'How the daemon, its portals, its servers and its journal stand. A journal is `damaged` from the start that finds records missing, or a file that cannot be read, until [damage_acknowledge](#damage_acknowledge); `damages` says what it was. `connections` of `backstop` is `counted` where the kernel counts what each connection moves: then bytes are billed whose counters somebody flushed; else why not (`missing`, `off`, `many`, `late`; `unknown` before the first look). `clock` is `set`, or `behind`: the router’s clock is before the newest record, as it is on routers without a battery, and `time` (Unix seconds) goes on from there until somebody sets it; or `unset`, where no time was ever known. `configuration` has the `faults` of the file as it was last read, as [reload](#reload) gives them, until they are mended: the configuration of before stays at work, or, at a start, what has no fault; `off` names the sections that are not. `warnings` has what is no fault and what hardly anybody wants: `nobody_pays` for a plan, `unused_method` for a payment method, with the `name` and a `message`.',
    args: {},
    examples: [
      {
        args: {},
        elsewhere: ['authorizers', 'sinks', 'order_sources', 'payments', 'backstop'],
        reply: {
          version: '0.1.0',
          boot: '9139243a36a0',
          router: 'cafe-7',
          uptime: 3600,
          clock: { state: 'set', time: 1_795_132_800 },
          journal: { state: 'ok', bytes: 81_248, error: '' },
          configuration: { faults: [], off: [], warnings: [] },
          authorizers: [{ name: 'radius', state: 'up', error: '' }],
          sinks: [
            { name: 'radius', state: 'up', error: '', backlog: 0 },
            { name: 'mqtt', state: 'down', error: 'connection refused', backlog: 12 },
          ],
          order_sources: [{ name: 'radius', state: 'up', error: '' }],
          payments: [{ name: 'escrow', state: 'up', error: '', backlog: 0 }],
          gateways: [
            {
              name: 'lan',
              state: 'up',
              clients: 4,
              last_poll_ms: 6,
              polls: 512,
              failed_polls: 0,
              partial_polls: 0,
              lag: 0,
              restarts: 0,
              double_macs: 0,
              gates_failing: 0,
              error: '',
            },
          ],
          backstop: {
            state: 'on',
            error: '',
            mended: 0,
            connections: 'counted',
            stalled: 0,
            difference_bytes: 1327,
            difference_ratio: 0.0001,
          },
          sessions: { pending: 0, active: 3, suspended: 1, closing: 0, expired: 40, terminated: 6 },
        },
      },
    ],
  },
  stats: {
    does: 'Revenue, bytes and sessions by time. Refunds are taken off when they are made. Kept by the quarter of an hour for 35 days, then by the hour up to 92 days, before that by the day (UTC) for five years: such an hour or day is in the step in which it begins. `takings` is the revenue of the whole time by plan and payment method, and lacks what earlier versions of turnpike wrote down. `purses`, where a payment method holds money itself (Cashu): for each mint what is the `seller`’s and can be taken out, what is `in_use` by sessions that run, what `customers` were given back and have not spent, what was `paid_out` to a Lightning address in all, and what is `on_its_way` there.',
    args: {
      from: 'Unix seconds; a day before `to` without it. Counted from the full quarter of an hour before it.',
      to: 'Unix seconds; the end of this hour without it.',
      step: 'Seconds, whole quarters of an hour (900); an hour without it; at most 1,000 steps.',
    },
    examples: [
      {
        args: { from: 1_795_132_800, to: 1_795_140_000, step: 3600 },
        reply: {
          from: 1_795_132_800,
          to: 1_795_140_000,
          step: 3600,
          series: [
            {
              at: 1_795_132_800,
              revenue: [{ amount: '12.35', currency: 'USD' }],
              up_bytes: 190_999_424,
              down_bytes: 2_399_948_800,
              sessions: 14,
            },
          ],
          takings: [{ plan: 'data', method: 'cash', amount: '12.35', currency: 'USD' }],
        },
      },
    ],
  },
  upstream_test: {
    does: 'Asks a server now whether it answers. `detail` says in words who did.',
    args: { name: needed('The name of its section: `radius`, `mqtt` or `escrow`.') },
    examples: [
      {
        args: { name: 'mqtt' },
        elsewhere: 'all',
        reply: { detail: 'broker.example.net took a report, MQTT 5' },
      },
    ],
  },
  setup: {
    does: 'Sets up what stands beside turnpike so that nobody passes without paying, as `turnpike setup` does: the options of a portal by which its own click opens nothing. Without `apply` and `undo` it says what would be changed, and changes nothing. See [Portals](portals.md).',
    args: {
      target: needed('`opennds`, `nodogsplash`, `nftables`, `announce` or `offload`.'),
      apply: 'True makes the changes.',
      undo: 'True puts back what was there before; `kept` names options that somebody else has changed since, which stay.',
      interface:
        'For `nftables`: the network interface of the customers. The one that is set, or the only bridge, when absent.',
      allow_mac:
        'For `nftables`: the device that reaches the router without a session, or `none`. Needed where none is set: who sells the network from which they administer the router would lose LuCI and ssh.',
      restart: 'True restarts the service afterwards; the answer does not wait for it.',
    },
    examples: [
      {
        args: { target: 'opennds' },
        elsewhere: 'all',
        reply: {
          target: 'opennds',
          done: false,
          changes: [
            { name: 'opennds.@opennds[0].fasport', from: '', to: '2080' },
            { name: 'opennds.@opennds[0].sessiontimeout', from: '1200', to: '525600' },
          ],
          kept: [],
        },
      },
    ],
  },
  damage_acknowledge: {
    does: 'The owner has seen what is damaged or missing: `status` stops to say it. `acknowledged` is how many things there were. Where `vouchers.key` and its copy are lost, a new key is made: vouchers of before are unknown to it.',
    args: {},
    examples: [{ args: {}, reply: { acknowledged: 0 } }],
  },
  reload: {
    does: 'Reads the configuration again. With a fault nothing changes, and `faults` lists them with their lines, the first 100. `needs_restart` names options that a running daemon cannot change.',
    args: {},
    examples: [{ args: {}, reply: { applied: true } }],
  },
};
