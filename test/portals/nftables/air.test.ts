// Who is associated with the router's access points, as hostapd says on ubus. A stand-in offers hostapd's object, as OpenWrt's
// hostapd has it, on the simulated bus, and on a real ubusd where there is one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PublishedObject, type Table, UbusClient } from 'openwrt-ubus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../../../packages/simulators/broker/broker.js';
import type { Mac } from '../../../src/domain/mac.js';
import { Air } from '../../../src/portals/nftables/air.js';
import { until } from '../../rig/until.js';
import { realUbusd, skipped, ubusd } from '../../ubus/real.js';
import { once } from '../../ubus/rig.js';

const phone = '02:00:00:00:00:01' as Mac;
const other = '02:00:00:00:00:02' as Mac;
const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const socket = join(dir, 'ubus.sock');
const buses = [{ title: 'the simulated bus', bus: () => new UbusBroker(socket) }];
if (ubusd) buses.push({ title: 'a real ubusd', bus: () => realUbusd(ubusd!, socket) as never });
else skipped('hostapd on a real ubusd');

interface Context {
  bus: { start(): Promise<unknown>; stop(): Promise<unknown> };
  clients: UbusClient[];
  now: number;
  air: Air;
}

/** hostapd of one access point. */
class AccessPoint {
  readonly stations = new Map<string, { authorized: boolean }>();
  readonly #client: UbusClient;
  readonly #path: string;
  #object: PublishedObject | undefined;
  /** Somebody listens: before that no notice is sent. */
  #isHeard = once<void>();
  questions = 0;

  constructor(client: UbusClient, name: string) {
    this.#client = client;
    this.#path = `hostapd.${name}`;
  }

  async start(): Promise<void> {
    const handler = () => {
      this.questions += 1;
      return { freq: 2412, clients: Object.fromEntries(this.stations) };
    };
    this.#object = await this.#client.publish({
      path: this.#path,
      methods: { get_clients: { args: {}, handler } },
      onSubscribers: (is) => is && this.#isHeard.take(),
    });
  }

  join(mac: string): void {
    this.stations.set(mac, { authorized: true });
    this.#tell('assoc', { address: mac, signal: -40, freq: 2412 });
  }

  lose(mac: string, notice = 'disassoc'): void {
    this.stations.delete(mac);
    this.#tell(notice, { address: mac });
  }

  #tell(notice: string, table: Table): void {
    void this.#isHeard.value.then(() => this.#object?.notify(notice, table));
  }

  async end(): Promise<void> {
    await this.#object?.remove();
  }
}

for (const { title, bus } of buses) {
  const test = suite<Context>(title);

  test.before.each(async (c) => {
    c.now = 1_000;
    c.clients = [];
    c.bus = bus();
    await c.bus.start();
    const bridges = new Map([
      ['phy0-ap0', 'br-lan'],
      ['phy1-ap0', 'br-lan'],
      ['phy0-ap1', 'br-home'],
    ]);
    const options = {
      interfaces: ['br-lan'],
      now: () => c.now,
      bridgeOf: (name: string) => bridges.get(name),
    };
    c.air = new Air({ ...options, bus: await connected(c) });
  });

  test.after.each(async (c) => {
    await c.air.stop();
    await Promise.all(c.clients.map((client) => client.close()));
    await c.bus.stop();
  });

  async function connected(c: Context): Promise<UbusClient> {
    const client = new UbusClient({ socket, onError: () => {} });
    c.clients.push(client);
    await client.connect();
    return client;
  }

  /** An access point with the first device on it, that is known. */
  async function pointWith(c: Context, name: string, ...macs: string[]): Promise<AccessPoint> {
    const point = new AccessPoint(await connected(c), name);
    await point.start();
    for (const mac of macs) point.stations.set(mac, { authorized: true });
    c.now += 30_000;
    await c.air.refresh();
    return point;
  }

  test('who is associated is on the air, and a device without a key is not', async (c) => {
    const point = await pointWith(c, 'phy0-ap0', phone);
    point.stations.set(other, { authorized: false });
    c.now += 30_000;
    await c.air.refresh();
    assert.equal([c.air.has(phone), c.air.has(other)], [true, false]);
    assert.is(c.air.leftAt(phone), undefined);
  });

  for (const notice of ['disassoc', 'deauth', 'inactive-deauth']) {
    test(`a device has left when hostapd tells of it: ${notice}`, async (c) => {
      const point = await pointWith(c, 'phy0-ap0', phone, other);
      c.now += 700;
      point.lose(phone, notice);
      await until('it has left', async () => c.air.leftAt(phone) === c.now);
      assert.equal([c.air.has(phone), c.air.has(other), c.air.leftAt(other)], [false, true, undefined]);
    });
  }

  test('a device that joins is asked about at the next look, and has not left any more', async (c) => {
    const point = await pointWith(c, 'phy0-ap0', phone);
    point.lose(phone);
    await until('it has left', async () => c.air.leftAt(phone) !== undefined);
    point.join(phone);
    await until('it is back', async () => {
      await c.air.refresh();
      return c.air.has(phone);
    });
    assert.is(c.air.leftAt(phone), undefined);
  });

  test('from one access point of the router to another is no leaving', async (c) => {
    const [first, second] = [await pointWith(c, 'phy0-ap0', phone), await pointWith(c, 'phy1-ap0')];
    second.join(phone);
    await until('on both', async () => {
      await c.air.refresh();
      return c.air.has(phone) && second.questions > 1;
    });
    first.lose(phone);
    first.lose(other);
    c.now += 30_000;
    await c.air.refresh();
    assert.equal([c.air.has(phone), c.air.leftAt(phone)], [true, undefined]);
  });

  test('access points of other networks are not asked', async (c) => {
    const home = await pointWith(c, 'phy0-ap1', phone);
    assert.equal([c.air.has(phone), home.questions], [false, 0]);
  });

  test('hostapd that ends takes its devices along, and one that begins again brings them back', async (c) => {
    const point = await pointWith(c, 'phy0-ap0', phone);
    await point.end();
    c.now += 30_000;
    await c.air.refresh();
    assert.equal([c.air.has(phone), c.air.leftAt(phone)], [false, c.now]);
    await point.start();
    c.now += 30_000;
    await c.air.refresh();
    assert.equal([c.air.has(phone), c.air.leftAt(phone)], [true, undefined]);
  });

  test('a bus that is not there, or without hostapd: nobody is on the air and nobody has left', async (c) => {
    await c.air.refresh();
    assert.is(c.air.has(phone), false);
    await pointWith(c, 'phy0-ap0', phone);
    await c.bus.stop();
    c.bus = { start: async () => {}, stop: async () => {} };
    c.now += 30_000;
    await c.air.refresh();
    assert.equal([c.air.has(phone), c.air.leftAt(phone)], [false, undefined]);
  });

  test.run();
}

process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
