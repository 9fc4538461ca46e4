import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UbusClient } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UbusBroker } from '../../packages/simulators/broker/broker.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const socket = join(dir, 'ubus.sock');
const broker = new UbusBroker(socket);
const bus = new UbusClient({ socket });
const handler = () => undefined;

test.before(async () => {
  await broker.start();
  await bus.connect();
  const args = { mac: 'string', bytes: 'int64', exact: 'double', force: 'boolean', list: 'array' } as const;
  await bus.publish({ path: 'shop', methods: { sell: { args, handler }, status: { args: {}, handler } } });
  await bus.publish({ path: 'shop.till', methods: {} });
  const many = Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`method_${n}`, { args, handler }]));
  await bus.publish({ path: 'archive', methods: many });
});

test.after(async () => {
  await bus.close();
  await broker.stop();
  rmSync(dir, { recursive: true });
});

/** Runs the command in a process, whose output goes through a pipe. */
function list(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const program = join(process.cwd(), 'dist', 'turnpike.mjs');
  const child = spawn(process.execPath, [program, 'list', ...args]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

test('objects are printed by name, all of them or those that a pattern names', async () => {
  assert.equal(await list('--socket', socket), { code: 0, out: 'archive\nshop\nshop.till\n', err: '' });
  assert.equal(await list('shop*', '--socket', socket), { code: 0, out: 'shop\nshop.till\n', err: '' });
});

test('-v prints methods with the names of the types of their arguments', async () => {
  const [{ id } = { id: 0 }] = await bus.list('shop');
  const { out } = await list('-v', 'shop', '--socket', socket);
  assert.is(
    out,
    `'shop' @${id.toString(16).padStart(8, '0')}
\t"sell":{"mac":"string","bytes":"int64","exact":"double","force":"boolean","list":"array"}
\t"status":{}
`,
  );
});

test('a long list goes through a pipe to its end', async () => {
  const { out } = await list('-v', 'archive', '--socket', socket);
  assert.ok(out.length > 200_000, `${out.length} letters`);
  assert.ok(out.endsWith('}\n'));
  assert.is(out.match(/^\t/gm)?.length, 3000);
});

test('what is not there is said in one line', async () => {
  assert.equal(await list('nosuch', '--socket', socket), {
    code: 1,
    out: '',
    err: 'turnpike list: there is no object nosuch on ubus\n',
  });
  const { code, err } = await list('--socket', join(dir, 'nobody'));
  assert.is(code, 1);
  assert.match(err, `turnpike list: cannot connect to ubusd at ${join(dir, 'nobody')}: `);
  assert.is((await list('a', 'b')).code, 2);
  assert.is((await list('--loud')).code, 2);
  assert.match((await list('--help')).out, 'turnpike list');
});

test.run();
