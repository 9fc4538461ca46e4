// The key of the voucher codes is damaged: vouchers wait, everything else is sold, and the owner hears of it.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newCode, printCode } from '../../src/engine/code.js';
import { Till } from '../../src/engine/till.js';
import { VoucherDesk } from '../../src/engine/vouchers.js';
import { CodeHash } from '../../src/wiring/code-hash.js';
import { TestPortal } from '../engine/portal.js';
import { mac, world } from '../engine/world.js';
import { until } from '../rig/until.js';

const keys = ['vouchers.key', 'vouchers.key.copy'];
let directory: string;
test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), 'turnpike-'));
});
test.after.each(() => rmSync(directory, { recursive: true, force: true }));

function lose(): void {
  for (const name of keys) rmSync(join(directory, name));
}

async function opened(isUsed = true) {
  const log: string[] = [];
  const damages: string[] = [];
  const codes = await CodeHash.open(
    directory,
    isUsed,
    (level, text) => log.push(`${level} ${text}`),
    (text) => damages.push(text),
  );
  return { codes, log, damages };
}

test('both files damaged: vouchers are refused, cash is sold, and a backup heals it without a restart', async () => {
  const { codes: first } = await opened(false);
  const hash = first.hash('CODE');
  const [file, backup] = [join(directory, 'vouchers.key'), join(directory, 'backup')];
  cpSync(file, backup);
  for (const name of [file, `${file}.copy`]) writeFileSync(name, 'short');
  const { codes, log, damages } = await opened();
  assert.is(damages.length, 1);
  assert.match(log.join('\n'), /^error vouchers cannot be made or redeemed: .*damaged/);
  const w = await world([new TestPortal('lan')]);
  w.portal.join(mac(1));
  await w.clock.pass(1001);
  const random = (n: number) => new Uint8Array(n).fill(3);
  const desk = new VoucherDesk(w.engine, new Till(w.engine, random), random, (code) => codes.hash(code));
  const order = { plan: 'data', count: 1, reuse: false, key: 'v' };
  const refused = await desk.create(order);
  assert.is(refused.ok ? 'ok' : refused.code, 'voucher_key_damaged');
  const redeemed = await desk.redeem(printCode(newCode(random)), { mac: mac(1) });
  assert.is(redeemed.ok ? 'ok' : redeemed.code, 'voucher_key_damaged');
  assert.ok((await w.buy(mac(1))).ok);
  cpSync(backup, file);
  await until(
    'the key is read again',
    async () => (await desk.create({ ...order, key: 'w' })).ok || undefined,
  );
  assert.is(codes.hash('CODE'), hash);
});

const isRefused = (codes: CodeHash) =>
  assert.throws(
    () => codes.hash('CODE'),
    (cause: { code?: string }) => cause.code === 'secret_damaged',
  );

test('a key that was lost with its copy is made anew only when the owner has seen it, once', async () => {
  await opened(false);
  lose();
  const { damages, codes } = await opened();
  assert.match(damages.join(), /vouchers\.key and its copy are lost: put one back from a backup/);
  isRefused(codes);
  await codes.accept();
  const hash = codes.hash('CODE');
  await codes.accept();
  assert.is(codes.hash('CODE'), hash);
  assert.is((await opened()).codes.hash('CODE'), hash);
});

test('a key that was lost with its copy and is put back is used without a restart', async () => {
  const { codes: first } = await opened(false);
  const hash = first.hash('CODE');
  const [file, backup] = [join(directory, 'vouchers.key'), join(directory, 'backup')];
  cpSync(file, backup);
  lose();
  const { codes } = await opened();
  isRefused(codes);
  cpSync(backup, file);
  await until('the key is read again', () => {
    try {
      return codes.hash('CODE') === hash;
    } catch {
      return false;
    }
  });
});

test('a damaged key is not made anew because the owner has seen it', async () => {
  await opened(false);
  for (const name of keys) writeFileSync(join(directory, name), 'short');
  const { codes } = await opened();
  await codes.accept();
  isRefused(codes);
});

test('with a key that was made anew no older codes are printed, and new ones are, which the log says', async () => {
  const { codes: first } = await opened(false);
  const sealed = first.seal('k3v9ax2m', 'ABCDEFGHJK');
  assert.is(first.unseal('k3v9ax2m', sealed), 'ABCDEFGHJK');
  lose();
  const { codes, log } = await opened();
  await codes.accept();
  const refusal = () => codes.unseal('k3v9ax2m', sealed);
  assert.throws(refusal, (cause: { code?: string }) => cause.code === 'secret_damaged');
  assert.is(codes.unseal('k3v9ax2n', codes.seal('k3v9ax2n', 'MNPQRSTUVW')), 'MNPQRSTUVW');
  assert.is(log.at(-1), 'info vouchers: the codes of batch k3v9ax2n were given out again');
  assert.not.ok(log.join().includes('MNPQRSTUVW'));
});

test('another router’s key in both files is used only when the owner has seen it, over restarts', async () => {
  const { codes: first } = await opened(false);
  const hash = first.hash('CODE');
  const backup = readFileSync(join(directory, 'vouchers.key'));
  lose();
  rmSync(join(directory, 'vouchers.mark'));
  const { codes: others } = await opened(false);
  const [foreign] = keys.map((name) => readFileSync(join(directory, name)));
  const put = (key: Buffer) => {
    for (const name of keys) writeFileSync(join(directory, name), key);
  };
  put(backup);
  rmSync(join(directory, 'vouchers.mark'));
  assert.is((await opened()).codes.hash('CODE'), hash);
  put(foreign!);
  const { codes, damages } = await opened();
  assert.match(
    damages.join(),
    /vouchers\.key is not the key that vouchers were made with: put that one back/,
  );
  isRefused(codes);
  await codes.accept();
  assert.is(codes.hash('CODE'), others.hash('CODE'));
  assert.equal((await opened()).damages, []);
});

test('a new key is not used while the disk keeps the mark of the one before', async () => {
  await opened(false);
  lose();
  const inTheWay = join(directory, 'vouchers.mark.new');
  mkdirSync(inTheWay);
  const { codes } = await opened();
  await codes.accept();
  assert.throws(
    () => codes.hash('CODE'),
    (cause: { code?: string }) => cause.code === 'storage_failed',
  );
  rmSync(inTheWay, { recursive: true });
  const hash = await until('the mark is written', () => {
    try {
      return codes.hash('CODE');
    } catch {
      return undefined;
    }
  });
  const { codes: next, damages } = await opened();
  assert.equal(damages, []);
  assert.is(next.hash('CODE'), hash);
});

test('a key that was mended is told of', async () => {
  const { codes } = await opened(false);
  const hash = codes.hash('CODE');
  writeFileSync(join(directory, 'vouchers.key'), 'short');
  const { codes: again, damages, log } = await opened();
  assert.is(again.hash('CODE'), hash);
  assert.equal(damages, ['vouchers.key was damaged, and made anew from its copy']);
  assert.is(log.length, 1);
});

test.run();
