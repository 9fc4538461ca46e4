import type { Sink, SinkParts } from '../../ports/sink.js';
import { askStatus, clientOf } from '../../radius/configured.js';
import type { LocatedNas } from '../../radius/located.js';
import type { RadiusConfig } from '../../radius/section.js';
import { Accounting } from './accounting.js';

/** Reports sessions to the configured servers. */
export async function buildAccounting(config: RadiusConfig, parts: SinkParts<LocatedNas>): Promise<Sink> {
  const { outbox, link: nas, clock, isNew, at, newId } = parts;
  const client = clientOf(config.acctServers, config, nas, parts);
  const test = () => askStatus(client, config, nas, 'takes accounting');
  const accounting = new Accounting({
    ...{ outbox, client, nas, clock, newId, at },
    located: () => nas.locate(),
    // Where nobody can find out, silence counts as if the server were there: its sessions must not wait for ever.
    isThere: async () => config.statusServer === 'off' || (await test()).ok,
    random: Math.random,
    interim: config.interim,
    sessions: parts.running(),
  });
  try {
    accounting.start(isNew);
  } catch (cause) {
    // What is not there must tell nobody anything: its updates would go out for ever.
    await accounting.stop(false);
    client.close();
    throw cause;
  }
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
