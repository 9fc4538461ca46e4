// Codes of vouchers that were kept to be printed again, once the owner wants none to be kept: no file has them.
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { textsIn } from '../rig/journal-text.js';
import { until } from '../rig/until.js';

const sections = shop('/dev/null/nds.sock');
const order = { plan: 'data', count: 20, reprint: true };
let daemon: DaemonProcess;

/** A daemon that has made vouchers whose codes are kept, in a snapshot and in the records behind it. */
test.before.each(async () => {
  daemon = await startProcess(sections);
  await daemon.call('voucher_create', { ...order, idempotency_key: 'v1' });
  await daemon.end('SIGTERM');
  await daemon.start();
  await daemon.call('voucher_create', { ...order, idempotency_key: 'v2' });
  assert.ok(filesWithCodes().length >= 2, 'a snapshot and a segment');
});

test.after.each(() => daemon.close());

const filesWithCodes = () =>
  [...textsIn(join(daemon.dir, 'state'))].flatMap(([name, text]) =>
    text.includes('"sealed"') ? [name] : [],
  );
const forget = () => daemon.configure(`\toption reprint '0'\n${sections}`);

test('an owner who has them forgotten while the router is off finds them in no file after the start', async () => {
  await daemon.end('SIGTERM');
  forget();
  await daemon.start();
  assert.equal(filesWithCodes(), []);
  const { vouchers } = await daemon.call('vouchers');
  assert.is((vouchers as unknown[]).length, 40, 'the vouchers are worth what they were');
});

test('an owner who has them forgotten while the router sells finds them in no file soon after', async () => {
  forget();
  assert.is((await daemon.call('reload')).applied, true);
  await until('forgotten', () => filesWithCodes().length === 0);
});

test.run();
