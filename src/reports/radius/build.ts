import type { Sink, SinkParts } from '../../ports/sink.js';
import { askStatus, clientOf } from '../../radius/configured.js';
import type { RadiusLink } from '../../radius/link.js';
import type { RadiusConfig } from '../../radius/section.js';
import { Accounting } from './accounting.js';

/** Reports sessions to the configured servers. */
export async function buildAccounting(config: RadiusConfig, parts: SinkParts<RadiusLink>): Promise<Sink> {
  const { outbox, link, clock, isNew, at, newId } = parts;
  const { nas } = link;
  const client = clientOf(config.acctServers, config, link, parts);
  const test = () => askStatus(client, config, nas, 'takes accounting');
  const accounting = new Accounting({
    ...{ outbox, client, nas, clock, newId, at },
    located: () => nas.locate(),
    // Without Status-Server nobody can find out: silence then counts as a server that does not know Accounting-On, so
    // that the sessions do not wait for ever.
    isThere: async () => config.statusServer === 'off' || (await test()).ok,
    random: Math.random,
    interim: config.interim,
    sessions: parts.running(),
  });
  try {
    accounting.start(isNew);
  } catch (cause) {
    // An accounting that was not built must send nothing: its interim updates would go out for ever.
    await accounting.stop(false);
    client.close();
    throw cause;
  }
  // The first report may be hours away: ask now whether the servers answer.
  void test();
  return {
    get standing() {
      const { state, error } = accounting.status;
      const answered = client.status.some(({ counters }) => counters.replies > 0);
      const heard = state === 'connecting' && answered ? 'up' : state;
      return { state: heard, error, backlog: outbox.backlog };
    },
    test,
    reported: (sessions) => accounting.reported(sessions),
    async stop(forGood) {
      await accounting.stop(forGood);
      client.close();
    },
  };
}
