import { attr, textOf } from './frame.js';
import { acknowledge, dataOf, invoke, type Registration, type Request } from './registry.js';
import type { Table } from './value.js';

/** ubusd's own object, for events (ubusmsg.h, `UBUS_SYSTEM_OBJECT_EVENT`). */
const systemEvents = 1;

export type OnEvent = (event: string, data: Table) => void;

/** Where all events of a client end: one object at ubusd, and the listeners by their patterns. */
export class EventInbox {
  readonly registration: Registration;
  readonly #request: Request;
  readonly #patterns = new Map<string, Set<OnEvent>>();

  constructor(request: Request) {
    this.#request = request;
    this.registration = {
      id: undefined,
      invoked: (frame, connection, id) => {
        this.#deliver(textOf(frame, attr.method) ?? '', dataOf(frame));
        acknowledge(frame, connection, id);
      },
      registered: async (id) => {
        for (const pattern of this.#patterns.keys()) await this.#register(id, pattern);
      },
    };
  }

  /** Adds a listener; ubusd is told of a pattern once. @returns a function that takes the listener away. */
  async listen(pattern: string, onEvent: OnEvent): Promise<() => Promise<void>> {
    const known = this.#patterns.get(pattern);
    const listeners = known ?? new Set();
    this.#patterns.set(pattern, listeners.add(onEvent));
    const { id } = this.registration;
    if (!known && id !== undefined) await this.#register(id, pattern);
    return async () => {
      listeners.delete(onEvent);
      if (listeners.size === 0) this.#patterns.delete(pattern);
    };
  }

  #deliver(event: string, data: Table): void {
    for (const [pattern, listeners] of this.#patterns) {
      if (matches(pattern, event)) for (const listener of listeners) listener(event, data);
    }
  }

  async #register(object: number, pattern: string): Promise<void> {
    // ubusd takes nothing but an int32, and its numbers fill all 32 bits.
    await invoke(this.#request, systemEvents, `listen ${pattern}`, 'register', {
      object: object | 0,
      pattern,
    });
  }
}

/** Sends an event to whoever listens for it. */
export async function sendEvent(request: Request, event: string, data: Table): Promise<void> {
  await invoke(request, systemEvents, `send ${event}`, 'send', { id: event, data });
}

/** As ubusd matches: a final `*` stands for anything. */
export function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
