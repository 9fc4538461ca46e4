// Whatever the network loses, delays or repeats: an identifier has one owner, and a request one outcome.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Attribute } from '../../src/radius/attributes.js';
import { type Outcome, RadiusClient } from '../../src/radius/client.js';
import { packetCode } from '../../src/radius/code.js';
import { textOf } from '../../src/radius/find.js';
import { TestClock } from '../rig/clock.js';
import fc from '../rig/properties.js';
import { attributesOf, replyTo, type Sent, secret, TestNetwork } from './network.js';

/** What happens to a datagram, drawn for each in turn. */
const fate = fc.constantFrom('answered', 'late', 'lost', 'doubled', 'refused', 'forged');
type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never;

interface Scene {
  /** Requests that are made together, and the wait before the next ones, in ms. */
  readonly bursts: readonly (readonly [requests: number, waitMs: number])[];
  readonly fates: readonly Fate[];
}

const scenes: fc.Arbitrary<Scene> = fc.record({
  bursts: fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 9_000 })), {
    minLength: 1,
    maxLength: 5,
  }),
  fates: fc.array(fate, { minLength: 1, maxLength: 40 }),
});

function meet(sent: Sent, fate: Fate, clock: TestClock): void {
  const code =
    sent.bytes[0] === packetCode.statusServer ? packetCode.accessAccept : packetCode.accountingResponse;
  const bytes = replyTo(sent.bytes, code);
  if (fate === 'answered' || fate === 'doubled') sent.reply(bytes);
  if (fate === 'doubled') sent.reply(bytes);
  if (fate === 'late') clock.after(3_000, () => sent.reply(bytes));
  if (fate === 'forged') sent.reply(replyTo(sent.bytes, code, [], { secret: Buffer.from('guess') }));
  if (fate === 'refused') sent.refuse();
}

/** Plays a scene; after every burst, no two of the requests under way have the same identifier of the same port. */
async function play({ bursts, fates }: Scene): Promise<void> {
  const clock = new TestClock(0);
  const network = new TestNetwork(clock);
  const servers = ['a', 'b'].map((host) => ({ host, port: 1813, secret }));
  const client = new RadiusClient({ servers, transport: network, clock, random: () => 0.5, sourcePorts: 2 });
  const outcomes = new Map<string, Outcome[]>();
  const places = new Map<string, string>();
  let drawn = 0;
  network.handle = (sent) => {
    const id = textOf(attributesOf(sent.bytes), 'Acct-Session-Id');
    if (id !== undefined) places.set(id, `${sent.from} ${sent.bytes[1]}`);
    meet(sent, fates[drawn++ % fates.length]!, clock);
  };
  for (const [requests, waitMs] of bursts) {
    for (let i = 0; i < requests; i++) {
      const id = `s${outcomes.size}`;
      const ends: Outcome[] = [];
      outcomes.set(id, ends);
      const attributes: Attribute[] = [['Acct-Session-Id', id]];
      void client.request({ code: 4, attributes }).then((end) => ends.push(end));
    }
    await clock.pass(waitMs);
    const owned = [...places].filter(([id]) => outcomes.get(id)!.length === 0).map(([, place]) => place);
    assert.is(new Set(owned).size, owned.length);
  }
  await clock.pass(30_000);
  assert.ok([...outcomes.values()].every((ends) => ends.length === 1));
  const load = client.status.map(({ outstanding, queued }) => outstanding + queued);
  assert.ok(Math.max(...load) <= 1, `${load}: at most a probe is under way`);
  client.close();
  await clock.pass(0);
  assert.equal([network.stillOpen, clock.pending > 0 && !fates.includes('late')], [0, false]);
}

/** Silent, heard and silent again while a probe of the first silence is under way: one chain of probes, not two. */
const silentTwice: Scene = {
  bursts: [
    [214, 198],
    [1, 4_802],
    [47, 0],
  ],
  fates: ['refused', 'lost', 'refused', 'refused', 'answered', 'lost', 'answered'],
};

test('no two requests under way share an identifier of a port, and each has exactly one outcome', async () => {
  await fc.assert(fc.asyncProperty(scenes, play), { numRuns: 40, examples: [[silentTwice]] });
});

test.run();
