import { choice, type Kind, path, text, whole } from '../../config/kind.js';
import { option, type Values } from '../../config/option.js';
import type { Faults } from '../../config/section.js';
import { present } from '../../domain/present.js';
import type { TlsOptions } from './transport.js';

/** The port of RADIUS over TLS, for packets of every kind (RFC 6614 §2.1). */
export const radsecPort = 2083;
/** What is in the place of a secret where TLS keeps strangers out (RFC 6614 §2.3). */
export const radsecSecret = 'radsec';

/** A name of the DNS. */
export const hostName: Kind<string> = text(
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/,
  'the name of a host',
);
const notInLuci = 'certificates are files, which no page of LuCI puts onto the router';

/** Options of the section `radius` that say how packets get to the servers. */
export const tlsOptions = {
  transport: option(choice({ udp: 'UDP', tls: 'TLS over TCP (RadSec, RFC 6614)' }), {
    default: 'udp',
    help: 'How packets get to the servers. Over TLS all of them, orders too, go over one connection to each server, on port 2083 where none is given.',
    notInLuci,
  }),
  tls_ca: option(path, {
    absent: 'the list that Node.js brings',
    example: '/etc/turnpike/radius-ca.crt',
    help: 'The certificates of those who may vouch for the servers, whose own certificates are always checked.',
    notInLuci,
  }),
  tls_certificate: option(path, {
    absent: 'none is shown; it must be there if `transport` is `tls`',
    example: '/etc/turnpike/radius.crt',
    help: 'The certificate by which the servers know this router.',
    notInLuci,
  }),
  tls_key: option(path, {
    absent: 'as `tls_certificate`',
    example: '/etc/turnpike/radius.key',
    help: 'The key of the certificate of this router.',
    notInLuci,
  }),
  tls_name: option(hostName, {
    absent: 'the host of each server',
    example: 'radius.example.net',
    help: "The name that the servers' certificates must have.",
    notInLuci,
  }),
  tls_under_way: option(whole(1, 256), {
    default: '256',
    help: 'Requests that wait for their answers on a connection at the same time. FreeRADIUS 3.2 reads one packet at a time and ends a connection on which more have come: 1 is right for it.',
    notInLuci,
  }),
  radius_11: option(
    choice({
      auto: 'with servers that have it',
      off: 'with none, and no version is negotiated: for a server that takes no connection because of it',
    }),
    {
      default: 'auto',
      help: 'Whether RADIUS/1.1 (RFC 9765) is spoken, where TLS takes the place of the secret and of MD5.',
      notInLuci: 'router and server agree on it by themselves',
    },
  ),
};

/** A server lets nobody in without a certificate (RFC 6614 §2.3). */
export function checkTls(faults: Faults): void {
  faults.demand('tls_certificate');
  faults.demand('tls_key');
}

/** Undefined where packets go over UDP. */
export function tlsOf(values: Values<typeof tlsOptions>): TlsOptions | undefined {
  if (values.transport !== 'tls') return undefined;
  const { tlsCa: caFile, tlsCertificate: certificateFile, tlsKey: keyFile, tlsName: name } = values;
  const radius11 = values.radius11 === 'off' ? values.radius11 : undefined;
  return { underWay: values.tlsUnderWay, ...present({ caFile, certificateFile, keyFile, name, radius11 }) };
}
