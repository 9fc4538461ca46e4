import { z } from 'zod';
import { type EventType, eventTypes } from './deliveries.js';
import { secrets } from './secret.js';

/** Who is told what happens. */
export interface Endpoint {
  readonly url: string;
  readonly secrets: readonly string[];
  readonly events: readonly EventType[];
  readonly timeoutMs: number;
}

/** An endpoint in the configuration. */
export const endpoint = z.strictObject({
  url: z.string().refine(isPostable, 'must be https://…, or http:// on this machine, without a user and #'),
  /** Its own; with two each message has both signatures. */
  secrets,
  events: z.array(z.enum(eventTypes)).min(1),
  /** How long it may take to answer, in ms. */
  timeoutMs: z.int().min(1000).max(60_000).default(15_000),
});

/** In plain HTTP a message may go to a program of this machine, and nowhere else: it names people. */
function isPostable(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false;
  const { protocol, hostname: host, username, password, hash } = new URL(text);
  if (username !== '' || password !== '' || hash !== '') return false;
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(host))
  );
}
