/** Kinds of packets (RFC 2865 §4, RFC 2866 §4, RFC 5176 §2.3, RFC 5997 §2, RFC 7930 §4). */
export const packetCode = {
  accessRequest: 1,
  accessAccept: 2,
  accessReject: 3,
  accountingRequest: 4,
  accountingResponse: 5,
  accessChallenge: 11,
  statusServer: 12,
  disconnectRequest: 40,
  disconnectAck: 41,
  disconnectNak: 42,
  coaRequest: 43,
  coaAck: 44,
  coaNak: 45,
  protocolError: 52,
} as const;

/** What a client asks; the dynamic authorisation requests come the other way. */
export type RequestCode = 1 | 4 | 12 | 40 | 43;

/** Codes that answer a request. */
export const repliesTo: Readonly<Record<RequestCode, readonly number[]>> = {
  [packetCode.accessRequest]: [packetCode.accessAccept, packetCode.accessReject, packetCode.accessChallenge],
  [packetCode.accountingRequest]: [packetCode.accountingResponse],
  [packetCode.statusServer]: [packetCode.accessAccept, packetCode.accountingResponse],
  [packetCode.disconnectRequest]: [packetCode.disconnectAck, packetCode.disconnectNak],
  [packetCode.coaRequest]: [packetCode.coaAck, packetCode.coaNak],
};

/** The authenticator of these requests is random (RFC 2865 §3, RFC 5997 §3); that of the others is a digest. */
export function isRandom(code: number): boolean {
  return code === packetCode.accessRequest || code === packetCode.statusServer;
}

/** Values of Error-Cause, attribute 101 (RFC 5176 §3.5). */
export const errorCause = {
  residualContextRemoved: 201,
  unsupportedAttribute: 401,
  missingAttribute: 402,
  nasIdentificationMismatch: 403,
  invalidRequest: 404,
  unsupportedService: 405,
  unsupportedExtension: 406,
  invalidAttributeValue: 407,
  administrativelyProhibited: 501,
  requestNotRoutable: 502,
  sessionContextNotFound: 503,
  sessionContextNotRemovable: 504,
  otherProxyProcessingError: 505,
  resourcesUnavailable: 506,
  requestInitiated: 507,
  multipleSessionSelectionUnsupported: 508,
} as const;
