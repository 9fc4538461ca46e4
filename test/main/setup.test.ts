// The button in LuCI: the ubus method `setup` of a running daemon, and the page that it switches on.
import { once } from 'node:events';
import { get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../../packages/simulators/broker/broker.js';
import { answer, methods } from '../../src/api/control.js';
import type { View } from '../../src/api/view.js';
import { type Daemon, startDaemon } from '../../src/main.js';
import { readConfig } from '../../src/wiring/schema.js';
import { setupService } from '../../src/wiring/setup-service.js';
import { freeTcpPort } from '../rig/free-port.js';
import { openRouter, type Router } from '../setup/router.js';

interface Context {
  router: Router;
  broker: UbusBroker;
  daemon: Daemon;
  port: number;
  log: string[];
  call(args: View): Promise<View>;
}

const test = suite<Context>('setup over ubus');
const before = "config opennds\n\toption sessiontimeout '20'\n";

test.before.each(async (c) => {
  c.router = openRouter('opennds', before);
  c.port = await freeTcpPort();
  c.log = [];
  const socket = join(c.router.dir, 'ubus.sock');
  const own = c.router.text('turnpike');
  const main = `\toption socket '${socket}'\n\toption backstop '0'\n\toption where_to_buy 'At the bar.'\n`;
  c.router.put('turnpike', own.replace('config gateway', `${main}config gateway`));
  c.broker = new UbusBroker(socket);
  await c.broker.start();
  c.daemon = await startDaemon({
    load: () => readConfig(c.router.config),
    log: (level, line) => c.log.push(`${level} ${line}`),
    worker: new URL('../../workers/poll.js', import.meta.url),
    place: { file: c.router.config, uci: c.router.uci, port: c.port },
  });
  c.call = (args) => answer(methods.setup!, args, c.daemon.service);
});

test.after.each(async (c) => {
  await c.daemon?.stop();
  await c.broker.stop();
  c.router.remove();
});

async function page(port: number): Promise<string> {
  const [response] = await once(get({ port, host: '127.0.0.1' }), 'response');
  return text(response);
}

test('it shows the changes first; once made, those who have not paid read where to buy', async (c) => {
  const shown = await c.call({ target: 'opennds' });
  assert.is(shown.done, false);
  assert.ok((shown.changes as View[]).length > 10);
  assert.is(c.router.text('opennds'), before);
  const done = await c.call({ target: 'opennds', apply: true });
  assert.is(done.done, true, JSON.stringify(done));
  assert.match(c.router.text('opennds'), `fasport '${c.port}'`);
  assert.match(await page(c.port), 'At the bar.');
  const undone = await c.call({ target: 'opennds', undo: true });
  assert.equal(undone, { target: 'opennds', done: true, kept: [], changes: [] });
  assert.is(c.router.text('opennds'), before);
  await once(get({ port: c.port, host: '127.0.0.1' }), 'error');
});

test('a call that is wrong changes nothing', async (c) => {
  const codeOf = async (args: View) => ((await c.call(args)).error as View | undefined)?.code;
  assert.is(await codeOf({ target: 'opennds', apply: true, undo: true }), 'bad_argument');
  assert.is(await codeOf({ target: 'wifidog', apply: true }), 'bad_argument');
  assert.is(await codeOf({ target: '../x' }), 'bad_argument');
  assert.is(await codeOf({ target: 'nodogsplash', apply: true }), 'setup_impossible');
  assert.is(await codeOf({ target: 'opennds', undo: true }), 'not_set_up');
  assert.is(c.router.text('opennds'), before);
});

test('who may not write the files of others says so, and changes nothing', async (c) => {
  // Root may write everywhere but where nothing is.
  const place = { file: '/none/turnpike', uci: c.router.uci };
  const config = () => assert.unreachable() as never;
  const asked = setupService({ config, portals: {}, place, reload: async () => {}, log: () => {} });
  for (const act of ['look', 'apply', 'undo'] as const) {
    const found = await asked({ target: 'opennds', act, restart: false, wish: {} });
    assert.is(found.ok ? '' : found.code, 'needs_root', act);
  }
});

test.run();
