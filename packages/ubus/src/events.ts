import { type Bus, calling, dataOf } from './bus.js';
import { attr, messageType, textOf } from './frame.js';
import type { Link } from './link.js';
import type { Registration } from './registry.js';
import { putTable, type Table } from './value.js';

/** ubusd's own object, for events (ubusmsg.h, `UBUS_SYSTEM_OBJECT_EVENT`). */
const systemEvents = 1;

/** What hears events, by their names. If it throws, or rejects, `onError` is told. */
export type OnEvent = (event: string, data: Table) => void;

/** One listener: ubusd sends what matches its pattern to an object of its own. */
export function listening(pattern: string, onEvent: OnEvent, bus: Bus): Registration {
  return {
    what: `listening for ${pattern}`,
    id: undefined,
    invoked(frame) {
      const event = textOf(frame, attr.method) ?? '';
      const data = dataOf(frame);
      bus.tell(`listener for ${pattern}`, () => onEvent(event, data));
    },
    registered: (id) => sendEventsTo(id, pattern, bus),
  };
}

/** Asks ubusd to send events to object `id`, which is ours. */
export function sendEventsTo(id: number, pattern: string, bus: Bus): Promise<void> {
  // ubusd takes nothing but an int32, and its numbers fill all 32 bits.
  const args = { object: id | 0, pattern };
  return bus.change(calling(systemEvents, `listening for ${pattern}`, 'register', args));
}

/** Sends an event to whoever listens for it. */
export async function sendEvent(event: string, data: Table, bus: Bus): Promise<void> {
  await bus.request(calling(systemEvents, `sending ${event}`, 'send', { id: event, data }));
}

/** The same without an answer. ubusd gives one, to the number 0, which no question has. */
export function postEvent(event: string, data: Table, bus: Pick<Link, 'post'>): void {
  bus.post(messageType.invoke, `sending ${event}`, (w) => {
    w.putInt(attr.objectId, systemEvents);
    w.putText(attr.method, 'send');
    putTable(w, attr.data, { id: event, data });
  });
}

/** As ubusd matches: a final `*` stands for anything. */
export function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
