import { choice, flag, longestSpan, mask, path, port, span, text, whole } from './kind.js';
import { nameInCode, option } from './option.js';
import { type ConfigOf, section } from './section.js';

const routerName = /^[A-Za-z0-9._-]{1,64}$/;

/** `config turnpike 'main'`: settings of the daemon as a whole. */
export const main = section({
  type: 'turnpike',
  name: 'main',
  about: 'The daemon as a whole.',
  options: {
    enabled: option(flag, { default: '1', atStart: true, help: '0: turnpike does not start.' }),
    router: option(text(routerName, '1 to 64 letters, digits, dots, _ and -'), {
      absent: 'the name of the host',
      example: 'cafe-north',
      atStart: true,
      help: 'How servers know this router. Routers that report to the same server need different names.',
    }),
    log_level: option(
      choice({ debug: 'everything', info: 'what happens', warn: 'warnings and errors', error: 'errors' }),
      { default: 'info', help: 'How much goes to the system log.' },
    ),
    directory: option(path, {
      default: '/etc/turnpike/state',
      atStart: true,
      help: 'The journal of sales and sessions. Keep it on flash: what is in RAM is lost with the power.',
    }),
    flush_interval: option(span('1s', '1h'), {
      default: '60s',
      help: 'Usage is written to the journal this often, sales at once. A power cut loses no more usage than this.',
    }),
    low_percent: option(whole(1, 100), {
      default: '80',
      help: '`session.low` is announced when a customer has used this much of what they bought, in percent.',
    }),
    // uhttpd ends a subscription that was silent for 30 s.
    heartbeat: option(span('1s', '29s'), {
      default: '20s',
      atStart: true,
      help: 'Subscribers on ubus hear this often that turnpike is alive.',
    }),
    bill_downtime: option(flag, {
      default: '0',
      help: '1: time in which the router was off counts as used, too.',
    }),
    lost_after: option(span('0s', longestSpan), {
      default: '30d',
      help: 'A session whose device was away for this long, or has not come by then, ends. 0: it never does.',
    }),
    reprint: option(flag, {
      default: '1',
      help: 'Whoever may sell can print vouchers again that were made in LuCI, until the first one of a batch is used: their codes are kept in the journal, encrypted with `vouchers.key`. 0: codes are shown once and not kept, and what was kept is forgotten.',
    }),
    backstop: option(flag, {
      default: '1',
      atStart: true,
      help: 'Gates, data caps and speeds of sessions stand in the kernel (nftables), for IPv4 and IPv6, and hold while turnpike or the portal is dead. What the kernel counts is billed. 0: nothing stands there, a portal is believed, and IPv6 is free.',
    }),
    allow_offload: option(flag, {
      default: '0',
      help: '1: data is sold although flow offload (`flow_offloading` of the firewall) takes packets past caps and counters. 0: nothing is sold by the byte meanwhile. `turnpike setup offload` switches it off.',
    }),
    mark_mask: option(mask(8), {
      default: '0xff0000ff',
      atStart: true,
      help: 'The bits of the connection mark by which the kernel knows whose a connection is. Other programs must leave them alone: the default is clear of mwan3, pbr and openNDS. 16 bits are enough for 32,767 sessions.',
      notInLuci: 'only a router with other programs that mark connections needs it',
    }),
    nft: option(path, {
      default: '/usr/sbin/nft',
      atStart: true,
      help: 'The nft program, for `backstop`.',
    }),
    page_port: option(port, {
      absent: 'there is no page',
      example: '2080',
      help: 'The port of the page to which a portal sends those who have not paid. `turnpike setup` sets it with the options of the portal.',
    }),
    where_to_buy: option(text(/^[^\p{Cc}\p{Cs}]{1,500}$/u, '1 to 500 characters on one line'), {
      default: 'Ask the owner of this network for Internet access.',
      help: 'What that page says to customers: where they buy, whom they call.',
    }),
    threads: option(whole(0, 4), {
      default: '1',
      atStart: true,
      help: 'Threads that read the portals, at the most. Each takes 8 to 16 MB of memory, so there is none before more than 2,000 devices are found, or a scan takes longer than 5 ms: until then the daemon reads them itself, between calls. 0: it always does, where memory is short; calls wait while a long list is read.',
    }),
    socket: option(path, {
      absent: 'the one of its two usual places that is there',
      example: '/var/run/ubus/ubus.sock',
      atStart: true,
      help: 'The socket of ubusd.',
      notInLuci: 'every router has it at one of its two usual places',
    }),
    drop_root: option(flag, {
      default: '0',
      atStart: true,
      help: '1: the daemon runs as the user `turnpiked`, with the capability CAP_NET_ADMIN alone, where it can: not on openNDS and nodogsplash. `turnpike check` says what needs root; the system log says why it stayed. The file of a new installation has 1.',
      notInLuci: 'whether it can be is said by `turnpike check`',
    }),
  },
});

export type MainConfig = ConfigOf<typeof main>;

/** Options that the two have different, and that a running daemon cannot change. */
export function needsRestart(before: MainConfig, after: MainConfig): string[] {
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const fixed = Object.entries(main.options).filter(([, { atStart }]) => atStart);
  return fixed.map(([name]) => name).filter((name) => was.get(nameInCode(name)) !== is.get(nameInCode(name)));
}
