// A daemon that starts with faults in its configuration.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mac } from '../engine/world.js';
import { oneDevice } from '../rig/one-device.js';

const stand = oneDevice(test);

const radius = "config radius 'radius'\n\toption enabled '1'\n\toption server '127.0.0.1'\n";
const bad = "config plan 'bad'\n\toption metric 'bytes'\n\toption step '1 parsec'\n";

interface Standing {
  readonly configuration: {
    readonly faults: readonly { readonly section: string; readonly line: number; readonly option?: string }[];
    readonly off: readonly string[];
  };
}

test('a start with a secret missing and a plan misspelt sells the rest and says what is off, until it is mended', async () => {
  const good = stand.shop;
  const daemon = await stand.start(good + bad + radius);
  const { configuration } = (await daemon.call('status')) as unknown as Standing;
  assert.equal(configuration.off, ["plan 'bad'", "radius 'radius'"]);
  assert.equal(
    configuration.faults.map(({ section, option = '' }) => `${section} ${option}`.trim()),
    ["plan 'bad' step", "radius 'radius' secret"],
  );
  assert.match(daemon.log(), /configuration: started without what has faults: plan 'bad', radius 'radius'/);
  const order = (plan: string) =>
    daemon.call('purchase', {
      ...{ mac: mac(1), plan, gateway: 'lan', idempotency_key: plan },
      payment: { method: 'cash', reference: 'x' },
    }) as Promise<{ error?: { code: string } }>;
  assert.is((await order('data')).error, undefined);
  assert.is((await order('bad')).error?.code, 'plan_off');
  assert.is((await order('none')).error?.code, 'unknown_plan');
  daemon.configure(good + bad.replace('parsec', 'MB'));
  assert.is((await daemon.call('reload')).applied, true);
  const mended = (await daemon.call('status')) as unknown as Standing;
  assert.equal(mended.configuration, { faults: [], off: [], warnings: [] });
  daemon.configure(good.replace("'USD 2'", "'EUR 2'"));
  const { warnings } = (await daemon.call('reload')) as { warnings: { code: string; name: string }[] };
  assert.equal(
    warnings.map(({ code, name }) => `${code} ${name}`),
    ['nobody_pays data', 'nobody_pays time', 'unused_method cash'],
  );
});

test.run();
