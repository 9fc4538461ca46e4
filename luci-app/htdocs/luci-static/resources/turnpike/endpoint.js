'use strict';
'require baseclass';

// Servers and addresses of the router, as a configuration names them.

const host = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

/** A name, or an IPv4 address in full: resolvers take 192.168.1 for 192.168.0.1, and nobody means that. */
function isHost(text) {
  return host.test(text) && (!/^[\d.]+$/.test(text) || ipv4.test(text));
}

function isIPv6(text) {
  try {
    return /^[0-9A-Fa-f:.]{2,45}$/.test(text) && new URL(`http://[${text}]/`).hostname !== '';
  } catch (_fault) {
    return false;
  }
}

/** Host, as a URL has it, and port, if there is one; undefined for what is neither. */
function read(text) {
  const [, bracketed, name, port] = /^(?:\[([^[\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isThere = name ? isHost(name) : isIPv6(bracketed ?? text);
  if (!isThere || Number(port ?? 0) > 65535) return undefined;
  return { host: name ?? `[${bracketed ?? text}]`, port };
}

return baseclass.extend({
  read,

  /** Of an option that is `host`, `host:port`, an IPv6 address, or one in brackets with a port. */
  check: (says) => (_id, value) => (value === '' || read(value) ? true : says),
});
