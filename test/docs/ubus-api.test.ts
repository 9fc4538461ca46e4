// docs/ubus-api.md says what the object does: the same methods, and examples that the daemon answers as it is written.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Table } from 'openwrt-ubus';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { Mac } from '../../src/domain/mac.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { type DaemonProcess, startProcess } from '../rig/daemon.js';

interface Example {
  readonly args: Table;
  readonly reply: Table;
  /** Parts of the answer that this daemon has none of; `all` where it cannot be asked. */
  readonly elsewhere?: readonly string[] | 'all';
}
interface Words {
  readonly args: Readonly<Record<string, string>>;
  readonly examples: readonly Example[];
}

const folder = resolve('docs', 'generate');
const load = (file: string) => import(pathToFileURL(join(folder, file)).href);
const { ubusApi } = (await load('ubus-api.mjs')) as { ubusApi(): Promise<string> };
const { methods } = (await load('ubus-api/methods.mjs')) as { methods: Readonly<Record<string, Words>> };
const { sessionFields } = (await load('ubus-api/samples.mjs')) as {
  sessionFields: Readonly<Record<string, string>>;
};

const plans = `config plan 'data'
	option title 'Data, 10 MB a step'
	option metric 'bytes'
	option step '10 MB'
	list price '0.05 USD'
config method 'cash'
	list currency 'USD 2'
`;

const socket = join(tmpdir(), `turnpike-docs-${process.pid}.sock`);
const portal = new SimulatedPortal(opennds, socket);
let daemon: DaemonProcess;

test.before(async () => {
  await portal.start();
  for (const i of [1, 2, 3]) portal.join(`02:00:00:00:00:0${i}` as Mac, `10.0.0.${i}`);
  daemon = await startProcess(
    `config gateway 'lan'\n\toption type 'opennds'\n\toption socket '${socket}'\n${plans}`,
  );
});

test.after(async () => {
  await daemon?.close();
  await portal.stop();
});

/** Names in the document stand for those that the daemon makes. */
const real = new Map<string, string>();

function put(args: Table): Table {
  const names = [...real].sort(([a], [b]) => b.length - a.length);
  const text = names.reduce((json, [name, its]) => json.replaceAll(name, its), JSON.stringify(args));
  return JSON.parse(text) as Table;
}

const names = ['id', 'batch', 'codes'];

/** Compares what fields there are and of what types; learns the names that the daemon made. */
function compare(written: unknown, said: unknown, path: string, elsewhere: readonly string[]): void {
  assert.is(typeof said, typeof written, path);
  if (Array.isArray(written) && Array.isArray(said)) {
    if (written.length > 0 && said.length > 0) compare(written[0], said[0], path, elsewhere);
    return;
  }
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return;
  const [one, other] = [written as Table, said as Table];
  assert.equal(Object.keys(other).sort(), Object.keys(one).sort(), path);
  for (const [field, value] of Object.entries(one)) {
    if (names.includes(field))
      for (const [i, name] of [value].flat().entries()) {
        real.set(String(name), String([other[field]].flat()[i]));
      }
    if (!elsewhere.includes(field)) compare(value, other[field], `${path}.${field}`, elsewhere);
  }
}

test('it is what npm run docs writes', async () => {
  assert.is(readFileSync('docs/ubus-api.md', 'utf8'), await ubusApi(), 'run npm run docs');
});

for (const [name, { examples }] of Object.entries(methods)) {
  test(`the example of ${name} is answered as it is written`, async () => {
    for (const { args, reply, elsewhere = [] } of examples) {
      if (elsewhere === 'all') continue;
      const said = await daemon.call(name, put(args));
      assert.is((said.error as Table | undefined)?.message, undefined);
      compare(reply, said, name, elsewhere);
    }
  });
}

test('what is called needed is refused when it is missing', async () => {
  let tried = 0;
  for (const [name, { args, examples }] of Object.entries(methods)) {
    for (const needed of Object.keys(args).filter((arg) => args[arg]!.startsWith('**Needed.**'))) {
      for (const { args: whole } of examples) {
        const { [needed]: _, ...rest } = put(whole);
        const { error } = (await daemon.call(name, rest)) as { error?: Table };
        assert.ok(error, `${name} without ${needed}`);
        tried += 1;
      }
    }
  }
  assert.ok(tried > 15, `${tried}`);
});

test('every field of a session is explained', async () => {
  const { sessions } = (await daemon.call('sessions')) as { sessions: Table[] };
  assert.ok(sessions.length >= 2);
  const said = new Set(sessions.flatMap((session) => Object.keys(session)));
  assert.equal([...said].sort(), Object.keys(sessionFields).sort());
});

test.run();
