// A PC tells the router that its user has gone.
import { createHmac } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytes } from '../../../src/domain/units.js';
import { hookSite } from '../../../src/payments/webhook/site.js';
import type { WebRequest } from '../../../src/ports/web.js';
import { mac, type World, world } from '../../engine/world.js';

const secret = `whsec_${Buffer.from('a secret of twenty-four!').toString('base64')}`;
const otherSecret = `whsec_${Buffer.from('another one, of 24 bytes').toString('base64')}`;
const hook = {
  ...{
    name: 'pc',
    takes: 'logouts' as const,
    signature: 'standard' as const,
    secrets: [secret],
    windows: 20,
  },
  ...{ windowData: bytes(5_000), currencies: new Map<string, number>() },
} as const;
const loggedOut = (user: unknown) => ({ type: 'user.logged_out', data: { user } });

/** Somebody's PCs at a router. */
class Cafe {
  readonly world: World;
  readonly log: string[] = [];
  readonly #site;

  private constructor(one: World) {
    this.world = one;
    this.#site = hookSite(
      [hook],
      {
        confirm: () => Promise.reject(new Error('nobody pays here')),
        logOut: (user, key) => one.commands.logout(user, key),
      },
      { clock: one.clock, log: (level, text) => void this.log.push(`${level} ${text}`) },
    )!;
  }

  static async open(...users: string[]): Promise<Cafe> {
    const one = await world();
    for (const n of users.keys()) one.portal.join(mac(n));
    await one.clock.pass(1001);
    const cafe = new Cafe(one);
    for (const [n, user] of users.entries()) await cafe.login(n, user);
    return cafe;
  }

  async login(n: number, user: string): Promise<void> {
    assert.ok((await this.world.buy(mac(n), { user })).ok);
  }

  /** Sends a message, signed now unless something else is said. @returns the status */
  async send(message: object, { id = 'msg_1', key = secret, late = 0 } = {}): Promise<number> {
    const body = Buffer.from(JSON.stringify(message));
    const stamp = String(Math.floor(this.world.clock.wall() / 1000) - late);
    const mac = createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
      .update(`${id}.${stamp}.`)
      .update(body);
    const signature = `v1,${mac.digest('base64')}`;
    const headers = { 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': signature };
    const request = { params: { name: 'pc' }, headers, body };
    return (await this.#site.routes[0]!.handle(request as unknown as WebRequest)).status;
  }

  /** Whose gates are open. */
  open(...devices: number[]): boolean[] {
    return devices.map((n) => this.world.portal.clients.get(mac(n))?.open === true);
  }
}

test('a logout at a PC ends the user’s sessions at this router, and nobody else’s', async () => {
  const cafe = await Cafe.open('ada', 'bob');
  assert.equal(cafe.open(0, 1), [true, true]);
  assert.is(await cafe.send(loggedOut('ada')), 200);
  assert.equal(cafe.open(0, 1), [false, true]);
});

test('a logout that comes again ends no later session of the user', async () => {
  const cafe = await Cafe.open('ada');
  assert.is(await cafe.send(loggedOut('ada')), 200);
  await cafe.login(0, 'ada');
  assert.is(await cafe.send(loggedOut('ada')), 200);
  assert.equal(cafe.open(0), [true]);
  assert.is(await cafe.send(loggedOut('ada'), { id: 'msg_2' }), 200);
  assert.equal(cafe.open(0), [false]);
});

test('a logout with a wrong or an old signature, or without a user, ends nothing', async () => {
  const cafe = await Cafe.open('ada');
  assert.is(await cafe.send(loggedOut('ada'), { key: otherSecret }), 400);
  assert.is(await cafe.send(loggedOut('ada'), { late: 400 }), 400);
  for (const user of [undefined, '', 7, 'ada\n', 'a'.repeat(254)])
    assert.is(await cafe.send(loggedOut(user)), 422, String(user));
  assert.is(await cafe.send({ type: 'user.logged_in', data: { user: 'ada' } }), 200, 'left alone');
  assert.equal(cafe.open(0), [true]);
});

test('a secret that lies on PCs confirms no payment', async () => {
  const cafe = await Cafe.open();
  const paid = { order: 'x3k9qv7m2c8t4w6z0p5d', amount: '2.00', currency: 'USD', reference: 'r' };
  assert.is(await cafe.send({ type: 'payment.confirmed', data: paid }), 422);
  assert.match(cafe.log.join('\n'), 'error hook pc: a signed message was refused');
});

test.run();
