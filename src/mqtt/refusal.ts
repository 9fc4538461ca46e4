/** Why a broker refuses the router. */
export type Refusal = 'version' | 'credentials';

/** MQTT 5, table 3-1. */
const codes5: Readonly<Record<number, Refusal>> = {
  132: 'version',
  134: 'credentials',
  135: 'credentials',
  138: 'credentials',
  140: 'credentials',
};

/** MQTT 3.1.1, table 3.1; a broker that knows no MQTT 5 answers with 1. */
const codes4: Readonly<Record<number, Refusal>> = { 1: 'version', 4: 'credentials', 5: 'credentials' };

/** Alerts of TLS by which a broker refuses our certificate, as Node names them. */
const certificate =
  /^ERR_SSL_(?:TLSV1_ALERT_UNKNOWN_CA|TLSV13_ALERT_CERTIFICATE_REQUIRED|SSL.*ALERT.*CERTIFICATE.*)$/;

/** Why a broker turned us away; undefined when it did not, but is not there or does not answer. */
export function refusalOf({ code }: { readonly code?: unknown }, protocol: 5 | 4): Refusal | undefined {
  if (typeof code === 'string') return certificate.test(code) ? 'credentials' : undefined;
  if (typeof code !== 'number') return undefined;
  // A broker that knows no MQTT 5 answers with a code of 3.1.1.
  return protocol === 5 ? (codes5[code] ?? codes4[code]) : codes4[code];
}
