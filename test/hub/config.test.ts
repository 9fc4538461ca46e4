// The hub's configuration: faults by name, and no secret in any of them.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readHubConfig } from '../../src/hub/config.js';
import { runHub } from '../../src/hub/main.js';

const directory = mkdtempSync(join(tmpdir(), 'turnpike-hub-'));
const file = join(directory, 'hub.json');
const env = {
  PC: 'whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=',
  SEE: 'a-token-that-may-see',
  SHORT: 'short-secret',
  CARD: 'whsec_of_stripe_0001',
};

const office = { url: 'https://office.example.net/told', secrets: [{ env: 'PC' }], events: ['balance.low'] };

test.after(() => rmSync(directory, { recursive: true }));

function read(config: unknown) {
  writeFileSync(file, JSON.stringify(config));
  return readHubConfig(file, env);
}

test('a small configuration is enough; secrets come from where it says', () => {
  const result = read({
    broker: { url: 'mqtts://broker.example.net:8883' },
    hooks: {
      pc: { secrets: [{ env: 'PC' }] },
      card: { takes: 'payments', signature: 'stripe', currencies: { USD: 2 }, secrets: [{ env: 'CARD' }] },
    },
    tokens: [{ name: 'grafana', role: 'see', token: { env: 'SEE' } }],
  });
  assert.ok(result.ok);
  const { broker, hooks, tokens, database } = result.config;
  assert.equal([broker.prefix, broker.protocol, database], ['turnpike', undefined, 'turnpike.sqlite']);
  assert.equal(hooks.get('pc'), { takes: 'logouts', secrets: [env.PC], validForMs: 3_600_000 });
  assert.equal(hooks.get('card'), {
    ...{ takes: 'payments', signature: 'stripe', secrets: [env.CARD], validForMs: 604_800_000 },
    currencies: new Map([['USD', 2]]),
  });
  assert.equal(tokens, [{ name: 'grafana', role: 'see', token: env.SEE }]);
});

test('faults name the place, and show no secret', () => {
  const broker = { url: 'mqtt://broker.example.net' };
  const faults = [
    [{ broker: { url: 'mqtt://noc:hunter2@example.net' } }, 'broker.url: must be a URL'],
    [{ broker, hooks: { 'a b': { secrets: [{ env: 'PC' }] } } }, 'hooks'],
    [{ broker, tokens: [{ name: 'x', role: 'see', token: { env: 'SHORT' } }] }, '{"env":"SHORT"}'],
    [{ broker, hooks: { pc: { secrets: [{ env: 'NONE' }] } } }, '{"env":"NONE"}'],
    [{ broker, hooks: { card: { takes: 'payments', secrets: [{ env: 'PC' }] } } }, 'hooks.card.currencies'],
    [{ broker, hooks: { card: { takes: 'payment', secrets: [{ env: 'PC' }] } } }, 'hooks.card.takes'],
    [{ broker, hooks: { pc: { signature: 'stripe', secrets: [{ env: 'PC' }] } } }, 'hooks.pc'],
    [{ broker, brokre: {} }, 'brokre'],
    [
      { broker, webhooks: { office: { ...office, url: 'http://office.example.net/' } } },
      'webhooks.office.url: must be',
    ],
    [
      { broker, webhooks: { office: { ...office, url: 'https://u:hunter2@example.net/' } } },
      'webhooks.office.url: ',
    ],
    [
      { broker, webhooks: { office: { ...office, events: ['sesion.closed'] } } },
      'webhooks.office.events.0: ',
    ],
    [{ broker, webhooks: { office, shop: office } }, 'each endpoint needs a secret of its own'],
    [{ broker, webhooks: { office }, hooks: { pc: { secrets: [{ env: 'PC' }] } } }, 'a secret of its own'],
  ] as const;
  for (const [config, said] of faults) {
    const result = read(config);
    assert.not(result.ok);
    const text = result.ok ? '' : result.faults.join('\n');
    assert.ok(text.includes(said), text);
    assert.not.match(text, /hunter2|short-secret/);
  }
});

test('an endpoint is told over TLS, or in plain HTTP on this machine', () => {
  const broker = { url: 'mqtt://broker.example.net' };
  for (const url of [office.url, 'http://127.0.0.1:8080/x', 'http://[::1]:80/', 'http://localhost/']) {
    const result = read({ broker, webhooks: { office: { ...office, url } } });
    assert.ok(result.ok, url);
    assert.equal(result.config.webhooks.get('office'), {
      ...office,
      url,
      secrets: [env.PC],
      timeoutMs: 15_000,
    });
  }
  for (const url of [
    'http://127.0.0.1.example.net/',
    'http://10.0.0.1/',
    'ftp://localhost/',
    'https://',
    'x',
  ])
    assert.not(read({ broker, webhooks: { office: { ...office, url } } }).ok, url);
});

test('a mistyped place of the database is said, and no database is made there', async () => {
  const database = join(directory, 'nobody.sqlite');
  const config = { listen: { port: 0 }, database, broker: { url: 'mqtt://127.0.0.1:1' } };
  writeFileSync(file, JSON.stringify(config));
  const log: string[] = [];
  assert.is(await runHub(file, (_level, text) => void log.push(text)), undefined);
  assert.match(log.join('\n'), 'database: no collector has written one there');
  assert.not(existsSync(database));
});

test.run();
