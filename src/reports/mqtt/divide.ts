import { decodeMessage, encodeMessage, type SessionUsage, type UsageMessage } from '../../mqtt/message.js';
import type { Parcel } from './courier.js';

/** Room for the number of a part behind the name of its run. */
const longestNumber = '.99999';

/**
 * A report that is too large for the broker in parts of at most `room` octets, the same ones each time. A receiver
 * knows messages by `router`, `boot` and `seq`: the parts after the first one are of the runs `<boot>.2`, `<boot>.3`.
 * @returns no part when it cannot be divided: what became of one session is one message
 */
export function divide({ topic, payload }: Parcel, room: number): Parcel[] {
  if (topic !== 'usage') return [];
  const message = decodeMessage('usage', payload);
  const format = payload[0] === 0x7b ? 'json' : 'msgpack';
  const encode = (part: UsageMessage) => encodeMessage('usage', part, format);
  const isFitting = (sessions: readonly SessionUsage[]) =>
    encode({ ...message, boot: message.boot + longestNumber, sessions }).length <= room;
  const lists = halved(message.sessions, isFitting);
  return (lists ?? []).map((sessions, i) => {
    const boot = i === 0 ? message.boot : `${message.boot}.${i + 1}`;
    return { topic, payload: encode({ ...message, boot, sessions }) };
  });
}

/** Lists that fit; undefined when one that does not has a single entry. */
function halved<T>(
  list: readonly T[],
  isFitting: (list: readonly T[]) => boolean,
): (readonly T[])[] | undefined {
  if (isFitting(list)) return [list];
  if (list.length < 2) return undefined;
  const middle = Math.ceil(list.length / 2);
  const [left, right] = [halved(list.slice(0, middle), isFitting), halved(list.slice(middle), isFitting)];
  return left && right && [...left, ...right];
}
