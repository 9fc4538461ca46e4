// Whoever logs out at a PC is logged out at the routers: from the signed message to the order, and its answer.
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { told } from '../collector/fleet.js';
import { idOf } from '../mqtt/journal.js';
import { logout, otherSecret, secret, withDesk } from './desk.js';

const ada = { user: 'ada', session: idOf(1) };
const fleet = [
  told('cafe', ada),
  told('hotel', ada),
  told('bar', { user: 'bob', session: idOf(1) }),
  told('kiosk', { ...ada, closed: 1_790_000_000_500, state: 'terminated' }),
];

test('a logout at a PC orders it at each router where the user has a session, and nowhere else', () =>
  withDesk(fleet, async (desk) => {
    for (const router of ['cafe', 'hotel', 'bar', 'kiosk']) desk.come(router);
    const { status, json } = await desk.hook(logout('ada'));
    assert.equal([status, json], [200, { routers: ['cafe', 'hotel'] }]);
    const [sent] = await desk.orders('hotel', 1);
    await desk.orders('cafe', 1);
    assert.equal(sent!.order.command, 'logout_user');
    assert.equal(sent!.order.arguments, { user: 'ada' });
    assert.is(sent!.expiryS, 600, 'the broker is told how long it may keep it');
    for (const router of ['cafe', 'hotel'])
      desk.events.reply(router, { idempotency_key: sent!.order.idempotency_key, result: {} });
    await desk.states('done', 'done');
    assert.is(desk.sent.length, 2);
  }));

test('the Python of the documents logs a user out', () =>
  withDesk(fleet, async (desk) => {
    if (spawnSync('python3', ['--version']).status !== 0) return console.log('skipped: there is no python3');
    // It signs with the time of this machine.
    desk.clock.setBy += Date.now() - desk.clock.wall();
    const [, code] = /```python\n(.+?)```/s.exec(readFileSync('docs/hub.md', 'utf8'))!;
    // How long this machine may take says nothing of it.
    const patient = code!.replace('timeout=10', 'timeout=300');
    const call = `print(logged_out("ada", "${desk.url}/hooks/pc", "${secret}").decode())`;
    const env = { ...process.env, no_proxy: '*' };
    const { stdout } = await promisify(execFile)('python3', ['-c', `${patient}\n${call}`], { env });
    assert.equal(JSON.parse(stdout), { routers: ['cafe', 'hotel'] });
  }));

test('a message that comes again changes nothing, and one with another content is refused', () =>
  withDesk(fleet, async (desk) => {
    desk.come('cafe');
    await desk.hook(logout('ada'));
    await desk.orders('cafe', 1);
    desk.clock.now += 60_000;
    const again = await desk.hook(logout('ada'));
    assert.equal([again.status, again.json], [200, { routers: ['cafe', 'hotel'] }]);
    assert.is((await desk.get('/orders')).json.rows.length, 2);
    const other = await desk.hook(logout('bob'));
    assert.equal([other.status, other.json.error], [409, 'key_conflict']);
  }));

test('a message with a wrong or an old signature orders nothing', () =>
  withDesk(fleet, async (desk) => {
    for (const bad of [{ key: otherSecret }, { at: desk.clock.wall() - 301_000 }]) {
      const { status, json } = await desk.hook(logout('ada'), bad);
      assert.equal([status, json.error], [400, 'hook_unsigned']);
    }
    assert.equal((await desk.get('/orders')).json.rows, []);
  }));

test('a router that is away is told when it is back', () =>
  withDesk(fleet, async (desk) => {
    await desk.hook(logout('ada'));
    await desk.states('waiting', 'waiting');
    assert.equal(desk.sent, []);
    desk.clock.now += 500_000;
    desk.come('cafe');
    const [sent] = await desk.orders('cafe', 1);
    assert.is(sent!.expiryS, 100, 'for the time that is left');
  }));

test('a router that is back too late is told nothing', () =>
  withDesk(fleet, async (desk) => {
    await desk.hook(logout('ada'));
    desk.clock.now += 600_000;
    desk.come('cafe');
    await desk.states('expired', 'expired');
    assert.equal(desk.sent, []);
  }));

test('a router that was cut off before it answered is told again with the same key', () =>
  withDesk(fleet, async (desk) => {
    desk.come('cafe');
    await desk.hook(logout('ada'));
    const [first] = await desk.orders('cafe', 1);
    desk.online.delete('cafe');
    desk.come('cafe');
    const [, second] = await desk.orders('cafe', 2);
    assert.is(second!.order.idempotency_key, first!.order.idempotency_key);
  }));

test('what a router refuses is shown with its code', () =>
  withDesk(fleet, async (desk) => {
    desk.come('cafe');
    await desk.hook(logout('ada'));
    const [sent] = await desk.orders('cafe', 1);
    const { idempotency_key } = sent!.order;
    desk.events.reply('cafe', { idempotency_key, error: { code: 'not_allowed', message: 'x' } });
    await desk.states('refused', 'waiting');
    const { json } = await desk.get('/orders?router=cafe');
    assert.is(json.rows[0].error, 'not_allowed');
  }));

test('a router that is too busy is asked again', () =>
  withDesk(fleet, async (desk) => {
    desk.come('cafe');
    await desk.hook(logout('ada'));
    const [sent] = await desk.orders('cafe', 1);
    const { idempotency_key } = sent!.order;
    desk.events.reply('cafe', { idempotency_key, error: { code: 'busy', message: 'x' } });
    desk.clock.now += 30_000;
    // Any message makes the hub look through its orders; so does its timer.
    await desk.hook({ type: 'user.renamed' }, { id: 'msg_2' });
    const [, again] = await desk.orders('cafe', 2);
    assert.is(again!.order.idempotency_key, idempotency_key);
  }));

test('after a restart of the hub its open orders are carried out', () =>
  withDesk(fleet, async (desk, database) => {
    await desk.hook(logout('ada'));
    await desk.stop();
    desk.online.set('cafe', 0);
    await desk.start(database);
    await desk.orders('cafe', 1);
  }));

test('a confirmed payment is not the hub’s: its sender reads that, and so does the log', () =>
  withDesk(fleet, async (desk) => {
    const { status, json } = await desk.hook({ type: 'payment.confirmed', data: { order: 'x' } });
    assert.equal([status, json.error], [422, 'not_served']);
    assert.match(desk.log.join('\n'), 'error hook pc: a payment was confirmed here');
    assert.equal((await desk.hook({ type: 'user.renamed' }, { id: 'msg_2' })).json, { routers: [] });
  }));

test.run();
