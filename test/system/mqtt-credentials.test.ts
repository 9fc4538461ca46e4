// Whom the broker lets in, and whom the router trusts: certificates and passwords, on a real Mosquitto.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { certificates } from '../mqtt/certificates.js';
import { sinkOf, siteFor } from '../mqtt/site.js';
import { startProcess } from '../rig/daemon.js';
import { freeTcpPort } from '../rig/free-port.js';
import { until } from '../rig/until.js';
import { Mosquitto } from './rig/mosquitto.js';

const { dir, opening, sections } = siteFor(test);

test('TLS: the broker shows its certificate and the router its own; strangers are told apart', async () => {
  const { file } = certificates(dir);
  const tlsPort = await freeTcpPort();
  const files = ['ca.pem', 'server.pem', 'server.key'].map((name) => [
    name,
    readFileSync(file(name), 'utf8'),
  ]);
  opening(
    await Mosquitto.start({
      files: Object.fromEntries(files),
      lines: [
        'allow_anonymous true',
        `listener ${tlsPort} 127.0.0.1`,
        'cafile DIR/ca.pem',
        'certfile DIR/server.pem',
        'keyfile DIR/server.key',
        'require_certificate true',
      ],
    }),
  );
  const url = `mqtts://127.0.0.1:${tlsPort}`;
  const tls = (who: string, ca = 'ca', name = 'broker.test') =>
    sections(
      url,
      `ca_file '${file(`${ca}.pem`)}'`,
      `cert_file '${file(`${who}.pem`)}'`,
      `key_file '${file(`${who}.key`)}'`,
      `server_name '${name}'`,
    );
  const daemon = opening(await startProcess(tls('router'), { flushInterval: '1s' }));
  await until('connected', async () => (await sinkOf(daemon)).state === 'up');
  const detail = String((await daemon.call('upstream_test', { name: 'mqtt' })).detail);
  assert.is(detail, `127.0.0.1:${tlsPort} took a report, MQTT 5`);
  const wrong: [string, RegExp][] = [
    [tls('intruder'), /refuses user, password or certificate/],
    [tls('router', 'stranger'), /certificate|self.signed|issuer/i],
    [tls('router', 'ca', 'other.test'), /other\.test|altnames/i],
  ];
  for (const [text, says] of wrong) {
    daemon.configure(text);
    assert.ok((await daemon.call('reload')).applied);
    await until(`${says}`, async () => says.test(String((await sinkOf(daemon)).error)));
    assert.is((await sinkOf(daemon)).state, 'down');
  }
  daemon.configure(tls('router'));
  await daemon.call('reload');
  await until('connected again', async () => (await sinkOf(daemon)).state === 'up');
});

test('refused credentials: a clear state, one try, and right again after a reload', async () => {
  const broker = opening(
    await Mosquitto.start({
      files: { passwords: '' },
      lines: ['allow_anonymous false', 'password_file DIR/passwords'],
    }),
  );
  execFileSync('mosquitto_passwd', ['-b', join(broker.dir, 'passwords'), 'r1', 'right'], { stdio: 'pipe' });
  await broker.stop();
  await broker.start();
  const secret = (password: string) => `config secret 'mqtt'\n\toption password '${password}'\n`;
  const daemon = opening(
    await startProcess(sections(broker.url, "username 'r1'"), { secrets: secret('wrong-word') }),
  );
  await until('refused', async () => (await sinkOf(daemon)).error !== '');
  const { state, error } = await sinkOf(daemon);
  assert.equal([state, error], ['down', 'the broker refuses user, password or certificate']);
  // What is not to happen has no event. A router that tried again as it does after other faults would have done so
  // after one second and after two more.
  await pause(4_000);
  assert.is(broker.log.match(/New connection/g)?.length, 1, broker.log);
  assert.equal((await daemon.call('upstream_test', { name: 'mqtt' })).error, {
    code: 'upstream_refused',
    message: 'the broker refuses user, password or certificate',
  });
  assert.not.match(daemon.log(), 'wrong-word');
  assert.not.match(JSON.stringify(await daemon.call('status')), 'wrong-word');
  writeFileSync(join(daemon.dir, 'turnpike_secrets'), secret('right'));
  await daemon.call('reload');
  await until('accepted', async () => (await sinkOf(daemon)).state === 'up');
});

test.run();
