// The facilitator's configuration: all faults at once, and no secret in any of them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFacilitatorConfig } from '../../src/facilitator/config.js';

const directory = mkdtempSync(join(tmpdir(), 'turnpike-'));
const file = join(directory, 'config.json');
const key = `0x${'ab'.repeat(32)}`;
const network = {
  rpc: 'http://127.0.0.1:8545',
  escrow: `0x${'Ab'.repeat(20)}`,
  tokens: { [`0x${'cD'.repeat(20)}`]: { decimals: 6 } },
  sellers: 'any',
  signers: [{ env: 'GAS_KEY' }],
};
const good = { directory: '/var/lib/facilitator', networks: { 'eip155:8453': network } };

test.after(() => rmSync(directory, { recursive: true }));

function read(config: unknown, env: NodeJS.ProcessEnv = { GAS_KEY: key }) {
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
  return readFacilitatorConfig(file, env);
}

function faultsOf(config: unknown, env?: NodeJS.ProcessEnv): string {
  const result = read(config, env);
  return result.ok ? '' : result.faults.join('\n');
}

test('a small configuration is enough; accounts are in lower case, keys come from where it says', () => {
  const result = read(good);
  assert.ok(result.ok);
  const { networks, ...rest } = result.config;
  assert.equal(
    [rest.listen, rest.enableSessions, rest.expiryMarginSeconds],
    [{ host: '127.0.0.1', port: 8402 }, true, 600],
  );
  const one = networks['eip155:8453']!;
  assert.equal([one.escrow, Object.keys(one.tokens)], [`0x${'ab'.repeat(20)}`, [`0x${'cd'.repeat(20)}`]]);
  assert.equal([one.keys, one.rpcUrl, one.confirmations], [[key], network.rpc, 3]);
});

test('the switch of the environment goes before the file', () => {
  const off = read(good, { GAS_KEY: key, ENABLE_SESSIONS: '0' });
  assert.ok(off.ok && !off.config.enableSessions);
  const on = read({ ...good, enableSessions: false }, { GAS_KEY: key, ENABLE_SESSIONS: 'True' });
  assert.ok(on.ok && on.config.enableSessions);
  assert.match(faultsOf(good, { GAS_KEY: key, ENABLE_SESSIONS: 'maybe' }), 'ENABLE_SESSIONS must be');
});

test('the example of the environment has what the document’s configuration reads, and no secret', () => {
  const example = parseEnv(readFileSync('.env.example', 'utf8'));
  const document = readFileSync('docs/facilitator.md', 'utf8');
  const names = [...document.matchAll(/\{ "env": "(\w+)" \}/g)].map((match) => match[1]!);
  assert.equal(Object.keys(example).sort(), ['ENABLE_SESSIONS', ...names].sort());
  assert.equal(Object.values(example).join(''), '');
  assert.ok(read(good, { ...example, GAS_KEY: key }).ok, 'what is empty is as if it were not there');
  assert.match(faultsOf(good, example as NodeJS.ProcessEnv), 'GAS_KEY');
});

test('proxies are counted or named, and true, which would believe every client, is a fault', () => {
  for (const trustProxy of [false, 1, ['10.0.0.0/8', '2001:db8::1']])
    assert.ok(read({ ...good, trustProxy }).ok, String(trustProxy));
  for (const trustProxy of [true, 0, [], ['everybody']])
    assert.match(faultsOf({ ...good, trustProxy }), 'trustProxy');
  assert.match(faultsOf({ ...good, trustProxy: true }), 'the number of proxies');
});

test('sellers must be named, and a key of a signer stands there once', () => {
  const { sellers: _, ...nobody } = network;
  assert.match(faultsOf({ ...good, networks: { 'eip155:8453': nobody } }), 'sellers');
  const twice = { ...network, signers: [{ env: 'GAS_KEY' }, { env: 'OTHER' }] };
  const env = { GAS_KEY: key, OTHER: key.toUpperCase().replace('0X', '0x') };
  assert.match(faultsOf({ ...good, networks: { 'eip155:8453': twice } }, env), 'the same key twice');
});

test('all faults are said together', () => {
  const faults = faultsOf({
    ...good,
    colour: 'red',
    networks: { 'eip155:8453': { ...network, escrow: '0x12', confirmations: 0 } },
  });
  assert.match(faults, 'networks.eip155:8453.escrow: must be an account');
  assert.match(faults, 'networks.eip155:8453.confirmations');
  assert.match(faults, 'colour');
  assert.match(faultsOf('{'), 'JSON');
  assert.not(readFacilitatorConfig(join(directory, 'none'), {}).ok);
});

test('a secret may be in a file or the environment, never in the configuration, and is in no fault', () => {
  const secret = join(directory, 'key');
  writeFileSync(secret, `${key}\n`);
  const from = (signers: unknown, rpc: unknown = network.rpc) => ({
    ...good,
    networks: { 'eip155:8453': { ...network, signers, rpc } },
  });
  const result = read(from([{ file: secret }], { env: 'RPC' }), { RPC: 'https://node/with-key' });
  assert.ok(result.ok && result.config.networks['eip155:8453']!.rpcUrl === 'https://node/with-key');
  assert.not(read(from([key])).ok);
  assert.match(faultsOf(from([{ env: 'NONE' }])), 'nothing in {"env":"NONE"}');
  const bad = faultsOf(from([{ env: 'BAD' }]), { BAD: key.slice(0, 60) });
  assert.match(bad, 'no private key in {"env":"BAD"}');
  for (const faults of [bad, faultsOf(from([key]))]) assert.not(faults.includes(key.slice(2, 60)), faults);
});

test.run();
