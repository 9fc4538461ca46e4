import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Reauthorization, type Session, step } from '../../../src/domain/session.js';
import { type Millis, millis } from '../../../src/domain/units.js';
import { unused } from '../../../src/domain/usage.js';
import { type Order, Orders } from '../../../src/orders/radius/orders.js';
import type { Attribute } from '../../../src/radius/attributes.js';
import { errorCause } from '../../../src/radius/code.js';
import { at, openSession } from '../../radius/sessions.js';
import fc from '../../rig/properties.js';

const nas = { identifier: 'nas', address: '192.0.2.1' };

/** Sessions of alice on two devices and of bob, and what was done to them. */
function governed(over: { stuck?: boolean; shapes?: boolean; age?: Millis; chargeable?: string } = {}) {
  const sessions = new Map(
    [
      openSession('a1', 1),
      openSession('a2', 2),
      openSession('b1', 3, { user: 'bob', usage: { ...unused, age: over.age ?? unused.age } }),
      openSession('paid', 4, {
        user: 'carol',
        lots: openSession('x').lots.map(({ accounting: _, ...lot }) => lot),
      }),
    ].map((s) => [s.id, s]),
  );
  const { chargeable } = over;
  if (chargeable !== undefined) {
    const [lot] = openSession('b2').lots;
    const lots = [{ ...lot!, accounting: { ...lot!.accounting!, chargeable } }];
    sessions.set('b2', openSession('b2', 5, { user: 'bob', lots }));
  }
  const closed: string[] = [];
  const changes: Reauthorization[] = [];
  const orders = new Orders(
    nas,
    {
      sessions: () => sessions.values(),
      addressesOf: ({ mac }: Session) => [`10.0.0.${Number.parseInt(mac.slice(-2), 16)}`],
      async close(id, cause) {
        closed.push(`${id} ${cause}`);
        const closing = step(sessions.get(id)!, { type: 'ended', cause });
        return over.stuck ? closing : step(closing, { type: 'shut', at });
      },
      async reauthorize(id, to) {
        const session = sessions.get(id)!;
        changes.push(to(session));
        return step(session, { type: 'reauthorized', to: to(session) });
      },
      canShape: () => over.shapes ?? true,
    },
    () => at,
  );
  const ask = async (code: Order['code'], ...attributes: Attribute[]) => {
    const answer = await orders.carryOut({ code, attributes });
    return answer.ack ? 'ack' : answer.cause;
  };
  return { ask, closed, changes };
}

test('an order may mean the customer by the name that bills go by', async () => {
  const { ask, closed } = governed({ chargeable: Buffer.from('c-4711').toString('base64') });
  const known: Attribute = ['Chargeable-User-Identity', 'c-4711'];
  assert.is(await ask('disconnect', ['User-Name', 'alice'], known), errorCause.sessionContextNotFound);
  assert.is(await ask('disconnect', ['User-Name', 'bob'], known), 'ack');
  assert.equal(closed, ['b2 coa']);
});

test('a Disconnect ends every session that is meant, and says whose wish it was', async () => {
  const { ask, closed } = governed();
  assert.is(await ask('disconnect', ['User-Name', 'alice']), 'ack');
  assert.is(
    await ask('disconnect', ['Calling-Station-Id', '02-00-00-00-00-03'], ['Acct-Terminate-Cause', 1]),
    'ack',
  );
  assert.is(await ask('disconnect', ['Framed-IP-Address', '10.0.0.4']), 'ack', 'a paid one, too');
  assert.equal(closed, ['a1 coa', 'a2 coa', 'b1 pc-logout', 'paid coa']);
});

test('every attribute that identifies must be true of a session', async () => {
  const truths: Attribute[] = [
    ['User-Name', 'bob'],
    ['Acct-Session-Id', 'b1'],
    ['Calling-Station-Id', '02:00:00:00:00:03'],
    ['Called-Station-Id', 'nas:lan'],
    ['NAS-Port-Id', 'lan'],
    ['NAS-Port-Type', 19],
    ['Framed-IP-Address', '10.0.0.3'],
  ];
  const lies: Attribute[] = [
    ['User-Name', 'alice'],
    ['Acct-Session-Id', 'a1'],
    ['Calling-Station-Id', '02-00-00-00-00-01'],
    ['Called-Station-Id', 'nas:guest'],
    ['NAS-Port-Id', 'guest'],
    ['NAS-Port-Type', 5],
    ['Framed-IP-Address', '10.0.0.1'],
    ['NAS-Port', 1],
    ['Acct-Multi-Session-Id', 'b1'],
    ['Chargeable-User-Identity', 'bob'],
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(truths.slice(0, 3), { minLength: 1 }),
      fc.subarray(truths.slice(3)),
      async (one, more) => {
        const { ask, closed } = governed();
        assert.is(await ask('disconnect', ...one, ...more), 'ack');
        assert.equal(closed, ['b1 coa']);
      },
    ),
  );
  for (const lie of lies) {
    const { ask, closed } = governed();
    const others = truths.filter(([name]) => name !== lie[0]);
    assert.is(await ask('disconnect', ...others, lie), errorCause.sessionContextNotFound, lie[0]);
    assert.equal(closed, []);
  }
});

test('what cannot be done has its Error-Cause and does nothing', async () => {
  const { ask, closed, changes } = governed();
  const cases: [Order['code'], Attribute[], number][] = [
    ['disconnect', [], errorCause.missingAttribute],
    ['disconnect', [['NAS-Port-Type', 19]], errorCause.missingAttribute],
    ['disconnect', [['NAS-Identifier', 'nas']], errorCause.missingAttribute],
    ['disconnect', [['User-Name', 'nobody']], errorCause.sessionContextNotFound],
    [
      'disconnect',
      [
        ['User-Name', 'bob'],
        ['NAS-Identifier', 'other'],
      ],
      errorCause.nasIdentificationMismatch,
    ],
    [
      'disconnect',
      [
        ['User-Name', 'bob'],
        ['NAS-IP-Address', '192.0.2.2'],
      ],
      errorCause.nasIdentificationMismatch,
    ],
    [
      'disconnect',
      [
        ['User-Name', 'bob'],
        ['NAS-IPv6-Address', '::1'],
      ],
      errorCause.nasIdentificationMismatch,
    ],
    [
      'disconnect',
      [
        ['User-Name', 'bob'],
        ['Session-Timeout', 5],
      ],
      errorCause.unsupportedAttribute,
    ],
    [
      'disconnect',
      [
        ['User-Name', 'bob'],
        ['Attr-241', Buffer.of(1)],
      ],
      errorCause.unsupportedAttribute,
    ],
    ['coa', [['User-Name', 'bob']], errorCause.missingAttribute],
    [
      'coa',
      [
        ['User-Name', 'bob'],
        ['Filter-Id', 'x'],
        ['Session-Timeout', 5],
      ],
      errorCause.unsupportedAttribute,
    ],
    [
      'coa',
      [
        ['User-Name', 'bob'],
        ['Service-Type', 17],
      ],
      errorCause.unsupportedService,
    ],
    [
      'coa',
      [
        ['User-Name', 'alice'],
        ['Session-Timeout', 5],
      ],
      errorCause.multipleSessionSelectionUnsupported,
    ],
    [
      'coa',
      [
        ['User-Name', 'carol'],
        ['Session-Timeout', 5],
      ],
      errorCause.administrativelyProhibited,
    ],
    [
      'coa',
      [
        ['User-Name', 'bob'],
        ['Mikrotik-Rate-Limit', '?'],
      ],
      errorCause.invalidAttributeValue,
    ],
  ];
  for (const [code, attributes, cause] of cases) {
    assert.is(await ask(code, ...attributes), cause, JSON.stringify([code, attributes]));
  }
  assert.equal([closed, changes], [[], []]);
});

test('what accompanies an order does not stand in its way', async () => {
  const { ask } = governed();
  const more: Attribute[] = [
    ['Event-Timestamp', 1],
    ['State', Buffer.of(1)],
    ['Proxy-State', Buffer.of(2)],
    ['Message-Authenticator', Buffer.alloc(16)],
    ['Reply-Message', 'bye'],
    ['NAS-Identifier', 'nas'],
    ['NAS-IP-Address', '192.0.2.1'],
  ];
  assert.is(await ask('disconnect', ['User-Name', 'bob'], ...more), 'ack');
});

test('a Disconnect as panels send it finds its session, whatever else it carries', async () => {
  const { ask, closed } = governed();
  const more: Attribute[] = [
    ['NAS-Port', 0],
    ['Class', Buffer.from('a')],
    ['Mikrotik-Rate-Limit', '1M/1M'],
    ['Attr-26.9.1', Buffer.from('x')],
    ['Attr-26', Buffer.from('own form')],
  ];
  assert.is(await ask('disconnect', ['User-Name', 'bob'], ...more), 'ack');
  assert.equal(closed, ['b1 coa']);
  assert.is(await ask('disconnect', ...more), errorCause.missingAttribute, 'and none of it names one');
  const change: Attribute[] = [
    ['Acct-Session-Id', 'b1'],
    ['Session-Timeout', 60],
  ];
  const vendor = ['Attr-26.9.1', Buffer.from('x')] as const;
  assert.is(await ask('coa', ...change, vendor), errorCause.unsupportedAttribute, 'a CoA may mean it');
});

test('a gate that does not shut is no ACK', async () => {
  const { ask, closed } = governed({ stuck: true });
  assert.is(await ask('disconnect', ['User-Name', 'bob']), errorCause.sessionContextNotRemovable);
  assert.equal(closed, ['b1 coa'], 'its end is decided all the same');
});

test('a CoA changes what it names, and leaves the rest', async () => {
  const { ask, changes } = governed();
  const given = [
    ['Session-Timeout', 60],
    ['WISPr-Bandwidth-Max-Down', 64_000],
    ['Acct-Interim-Interval', 300],
  ] as const;
  assert.is(await ask('coa', ['Acct-Session-Id', 'b1'], ...given), 'ack');
  const [change] = changes;
  assert.equal(change?.allotment, { bytes: 1_000_000, millis: 60_000 });
  assert.equal(change?.policy, { devices: 1, pauseAway: false, downRate: 64 });
  assert.is(change?.accounting.interim, 300_000);
  assert.is(change?.accounting.classes.length, 2);
});

test('a time of the day that is further on keeps the session up to it, however old it is', async () => {
  const age = millis(7_200_000);
  const { ask, changes } = governed({ age });
  const end = new Date(at + 600_000).toISOString();
  assert.is(await ask('coa', ['Acct-Session-Id', 'b1'], ['WISPr-Session-Terminate-Time', end]), 'ack');
  assert.is(changes[0]?.allotment.validity, age + 600_000);
});

test('a limit of 0, which may mean none or nothing left, is refused and changes nothing', async () => {
  const { ask, changes } = governed();
  const id = ['Acct-Session-Id', 'b1'] as const;
  const zeros: Attribute[][] = [
    [['Session-Timeout', 0]],
    [['ChilliSpot-Max-Total-Octets', 0]],
    [['ChilliSpot-Max-Total-Gigawords', 0]],
    [['Acct-Interim-Interval', 0]],
    [['WISPr-Bandwidth-Max-Up', 0]],
    [['Mikrotik-Rate-Limit', '0/0']],
    [
      ['Session-Timeout', 60],
      ['Mikrotik-Total-Limit', 0],
    ],
  ];
  for (const zero of zeros) {
    assert.is(await ask('coa', id, ...zero), errorCause.invalidAttributeValue, JSON.stringify(zero));
  }
  assert.equal(changes, []);
  const whole: Attribute[] = [
    ['ChilliSpot-Max-Total-Octets', 0],
    ['ChilliSpot-Max-Total-Gigawords', 1],
  ];
  assert.is(await ask('coa', id, ...whole), 'ack', '4 GiB to the octet');
  assert.is(changes[0]?.allotment.bytes, 2 ** 32);
});

test('speeds that nobody could keep are refused', async () => {
  const { ask, changes } = governed({ shapes: false });
  const id = ['Acct-Session-Id', 'b1'] as const;
  assert.is(await ask('coa', id, ['WISPr-Bandwidth-Max-Up', 64_000]), errorCause.resourcesUnavailable);
  assert.is(await ask('coa', id, ['Session-Timeout', 60]), 'ack');
  assert.is(changes.length, 1);
});

test.run();
