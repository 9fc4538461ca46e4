import { connect, type IPublishPacket } from 'mqtt';
import { Lane } from '../collector/lane.js';
import { MessageError } from '../mqtt/layout.js';
import { decodeMessage, type SessionMessage } from '../mqtt/message.js';
import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import { hostOf, settingsOf } from './broker-settings.js';
import type { BrokerConfig } from './config.js';

/** How long the broker keeps what it has for a hub that is away: 30 days, in s, as for a collector. */
const sessionExpiry = 30 * 86_400;
/** Messages that are in hand. */
const inHand = 16;

/** Who hears what becomes of sessions. */
export interface FeedEvents {
  readonly log: Log;
  /** Resolves when the message may be forgotten by the broker. */
  session(message: SessionMessage): Promise<void>;
}

/**
 * Hears what becomes of the routers' sessions, on a connection with a session of its own at the broker, which keeps
 * messages while the hub is away. @throws what the operating system throws when a file cannot be read
 */
export function connectFeed(config: BrokerConfig, { log, session }: FeedEvents): Lane {
  const { url, prefix } = config;
  const clientId = `${config.clientId}-events`;
  const settings = {
    ...settingsOf(config),
    ...{ clientId, clean: false },
    properties: { sessionExpiryInterval: sessionExpiry, receiveMaximum: inHand },
  };
  let said = '';
  const say = (text: string) => {
    if (text !== said) log('warn', `${hostOf(url)}: events of sessions: ${text}`);
    said = text;
  };
  return new Lane({
    connect: (version) => connect(url, { ...settings, protocolVersion: version }),
    only: config.protocol,
    filters: [`${prefix}/+/session`],
    take: async (packet) => {
      const message = messageIn(packet, prefix);
      if (message) await session(message);
    },
    up: () => {
      said = '';
    },
    subscribed: () => {},
    refused: (cause) => say(`the subscription is refused: ${reasonOf(cause)}`),
    error: (cause) => say(reasonOf(cause)),
    displaced: () => say(`somebody else has the client id ${clientId}`),
  });
}

/** Undefined where the message is none of the router whose topic it is on: the collector keeps those as unread. */
function messageIn({ topic, payload }: IPublishPacket, prefix: string): SessionMessage | undefined {
  const [router = '', ...rest] = topic.slice(prefix.length + 1).split('/');
  if (rest.join('/') !== 'session') return undefined;
  try {
    const message = decodeMessage('session', Buffer.from(payload));
    return message.router === router ? message : undefined;
  } catch (cause) {
    if (!(cause instanceof MessageError)) throw cause;
    return undefined;
  }
}
