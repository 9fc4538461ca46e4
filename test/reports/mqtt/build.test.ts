// What the reports begin with when the daemon starts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Connection, Listener } from '../../../src/mqtt/connection.js';
import { decodeMessage } from '../../../src/mqtt/message.js';
import type { Outgoing } from '../../../src/mqtt/outgoing.js';
import type { MqttConfig } from '../../../src/mqtt/section.js';
import type { SinkParts } from '../../../src/ports/sink.js';
import { buildReports } from '../../../src/reports/mqtt/build.js';
import { freshState } from '../../../src/reports/mqtt/fold.js';
import { MemoryOutbox } from '../../mqtt/courier-scene.js';
import { at, idOf, numbered, usageRecord } from '../../mqtt/journal.js';
import { settled, TestClock } from '../../rig/clock.js';

/** A start of the daemon whose earlier runs left `recovered` records and this state. */
async function start(kept: object, recovered: number) {
  const outbox = new MemoryOutbox();
  const time = new TestClock();
  const clock = { mono: () => time.mono(), after: () => () => {} };
  const log: string[] = [];
  const sent: Outgoing[] = [];
  let listener: Listener = {};
  const link = {
    standing: { state: 'up', error: '' },
    topic: (last: string) => last,
    listen: (one: Listener) => {
      listener = one;
    },
    publish: async (message: Outgoing) => void sent.push(message),
  };
  const parts = {
    ...{ outbox, recovered, boot: 'now', router: 'r1', isNew: false, clock },
    link: link as unknown as Connection,
    running: () => [],
    log: (_level: string, text: string) => log.push(text),
    keepsake: () => ({ load: () => kept, save: async () => {} }),
  } as unknown as SinkParts<Connection>;
  await buildReports({ format: 'json', interval: 1_000 } as unknown as MqttConfig, parts);
  listener.up?.({ protocol: 5, receiveMaximum: 100 });
  outbox.append(
    ...numbered(
      [{ t: 'boot', at, boot: 'now' }, usageRecord(at + 1_000, [[idOf(1), { up: 1, down: 2, millis: 3 }]])],
      recovered + 1,
    ),
  );
  await settled();
  return { log, seqs: sent.map(({ payload }) => decodeMessage('usage', payload).seq) };
}

test('a journal that was put back from a backup is reported on, and the log says what happened', async () => {
  const { log, seqs } = await start({ fold: freshState('before', 1_000, 5_000), pending: [] }, 900);
  assert.equal(seqs, [902]);
  assert.is(log.length, 1);
  assert.match(log[0] ?? '', 'the journal is older than what was reported');
});

test('a journal that goes on is reported on where it was left', async () => {
  const { log, seqs } = await start({ fold: freshState('before', 1_000, 900), pending: [] }, 900);
  assert.equal([log, seqs], [[], [902]]);
});

test.run();
