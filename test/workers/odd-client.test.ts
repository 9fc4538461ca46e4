// A client that a reply shows and that cannot be read concerns that client alone.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodogsplash } from '../../src/portals/nodogsplash/dialect.js';
import { flag } from '../../workers/contract.js';
import { Ledger } from '../../workers/ledger.js';
import { book } from '../../workers/poll.js';
import { Scanner } from '../../workers/scan.js';

const macOf = (n: number) => `02:00:00:00:00:0${n}`;
const fieldsOf = (n: number) => ({
  mac: `"${macOf(n)}"`,
  ip: `"10.0.0.${n}"`,
  token: '"a"',
  state: '"Authenticated"',
  downloaded: '5',
  uploaded: '1',
});

/** As nodogsplash prints a client, with other values for some of its fields; undefined leaves one out. */
function client(n: number, other: Readonly<Record<string, string | undefined>> = {}): string {
  const fields = Object.entries({ ...fieldsOf(n), ...other }).filter(([, value]) => value !== undefined);
  return `"${macOf(n)}":{${fields.map(([key, value]) => `"${key}":${value}`).join(',\n')}}`;
}

const reply = (...clients: readonly string[]) =>
  Buffer.from(`{"client_length":${clients.length},"clients":{${clients.join(',\n')}}}\n`);

const oddities: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
  'an IPv6 address': { ip: '"fe80::2"' },
  'no address': { ip: undefined },
  'no state': { state: undefined },
  'no counter': { downloaded: undefined },
  'a counter that is no number': { downloaded: 'inf' },
  'no MAC but in its key': { mac: undefined },
};

for (const [what, other] of Object.entries(oddities)) {
  test(`${what}: the others are counted, who left is gone, and that client is not`, () => {
    const ledger = Ledger.create(8, true);
    const scanner = new Scanner(nodogsplash);
    const first = book(ledger, scanner, reply(client(1), client(2), client(3)));
    assert.ok(first.ok && first.complete && first.odd === 0);
    const slots = new Map([...ledger.changed()].map((slot) => [ledger.macOf(slot) & 0xf, slot]));
    for (const slot of slots.values()) ledger.take(slot, ledger.upOf(slot), ledger.downOf(slot));
    const second = book(ledger, scanner, reply(client(1, { downloaded: '9' }), client(2, other)));
    assert.ok(second.ok && second.complete && second.odd === 1);
    assert.equal([...ledger.changed()].sort(), [slots.get(1), slots.get(3)].sort());
    assert.is(ledger.downOf(slots.get(1)!), 4_000);
    assert.is(ledger.flagsOf(slots.get(3)!) & flag.gone, flag.gone);
    assert.is(ledger.flagsOf(slots.get(2)!) & (flag.gone | flag.open), flag.open);
  });
}

test('a client in a state that nobody knows is shut, and is no fault', () => {
  const ledger = Ledger.create(8, true);
  const scanned = book(ledger, new Scanner(nodogsplash), reply(client(1, { state: '"Quarantined"' })));
  assert.ok(scanned.ok && scanned.complete && scanned.odd === 0);
  assert.is(ledger.flagsOf([...ledger.changed()][0]!) & flag.open, 0);
});

test('an object with no MAC at all holds up nobody', () => {
  const ledger = Ledger.create(8, true);
  const scanner = new Scanner(nodogsplash);
  book(ledger, scanner, reply(client(1), client(2)));
  const nobody = `"x":{"ip":"10.0.0.9"}`;
  book(ledger, scanner, reply(client(1), nobody));
  const gone = [...ledger.changed()].filter((slot) => ledger.flagsOf(slot) & flag.gone);
  assert.equal(
    gone.map((slot) => ledger.macOf(slot) & 0xf),
    [2],
  );
});

test.run();
