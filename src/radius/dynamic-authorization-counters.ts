/** Why a datagram got no reply. */
export type DynamicAuthorizationFault =
  | 'malformed'
  | 'stranger'
  | 'unknown_code'
  | 'bad_authenticator'
  | 'bad_message_authenticator'
  | 'no_message_authenticator'
  | 'stale'
  | 'no_event_timestamp'
  | 'unanswerable';

export interface DynamicAuthorizationCounters {
  acks: number;
  naks: number;
  /** Requests that came again. */
  repeats: number;
  readonly dropped: Record<DynamicAuthorizationFault, number>;
}

/** Counters at their start. */
export function noneDropped(): Record<DynamicAuthorizationFault, number> {
  return {
    malformed: 0,
    stranger: 0,
    unknown_code: 0,
    bad_authenticator: 0,
    bad_message_authenticator: 0,
    no_message_authenticator: 0,
    stale: 0,
    no_event_timestamp: 0,
    unanswerable: 0,
  };
}
