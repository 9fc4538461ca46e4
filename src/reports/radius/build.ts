import type { Sink, SinkParts } from '../../ports/sink.js';
import { askStatus, clientOf } from '../../radius/configured.js';
import type { Nas } from '../../radius/nas.js';
import type { RadiusConfig } from '../../radius/section.js';
import { Accounting } from './accounting.js';

/** Reports sessions to the configured servers. */
export async function buildAccounting(config: RadiusConfig, parts: SinkParts<Nas>): Promise<Sink> {
  const { outbox, link: nas, clock, isNew, at, newId } = parts;
  const client = clientOf(config.acctServers, config, nas, parts);
  const accounting = new Accounting({
    ...{ outbox, client, nas, clock, newId, at },
    random: Math.random,
    interim: config.interim,
    sessions: parts.running(),
  });
  accounting.start(isNew);
  const test = () => askStatus(client, nas, 'takes accounting');
  // Nobody may buy for hours: whether the servers are there is asked at once.
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
