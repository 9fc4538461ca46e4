// RADIUS over TLS with a real FreeRADIUS.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mac } from '../../src/domain/mac.js';
import { packetCode } from '../../src/radius/code.js';
import { radius } from '../../src/radius/upstream.js';
import { certificates } from '../radius/tls/certificates.js';
import { accountingOf, authorizerOf, opened } from '../radius/tls/scene.js';
import { until } from '../rig/until.js';
import { FreeRadius } from './rig/freeradius.js';

const login = { session: 's1', mac: '02:00:00:00:00:aa' as Mac, gateway: 'lan', user: 'ada', password: 'x' };
let dir: string;
let file: (name: string) => string;
let server: FreeRadius;

test.before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'turnpike-radsec-'));
  file = certificates(dir);
  const users = [{ name: 'ada', password: 'x', reply: ['Session-Timeout = 3600'] }];
  server = await FreeRadius.start({ users, certificates: file });
});

test.after(async () => {
  await server?.close();
  rmSync(dir, { recursive: true });
});

test('a login and its accounting go to FreeRADIUS over TLS, before and after it was started anew', async () => {
  const scene = await opened(file, [server.tlsPort], { underWay: 1 });
  radius.start!(scene.link);
  const authorizer = await authorizerOf(scene);
  const accounting = accountingOf(scene);
  const attributes = (id: string) => [['Acct-Status-Type', 1] as const, ['Acct-Session-Id', id] as const];
  const tell = (id: string) =>
    accounting.request({ code: packetCode.accountingRequest, attributes: attributes(id) });
  try {
    const entered = await authorizer.authorize(login);
    assert.ok(entered.ok, `${JSON.stringify(entered)} ${scene.log} ${server.log}`);
    assert.is(entered.value.allotment.millis, 3_600_000);
    const wrong = await authorizer.authorize({ ...login, password: 'y' });
    assert.ok(!wrong.ok && wrong.code === 'login_rejected');
    assert.ok((await tell('before')).ok);
    await server.stop();
    await server.start();
    await until('an answer of the new server', async () => (await tell('after')).ok);
    assert.ok((await authorizer.authorize(login)).ok);
    const told = server.detail().flatMap((record) => record.get('Acct-Session-Id') ?? []);
    assert.ok(told.includes('before') && told.includes('after'));
  } finally {
    await authorizer.stop();
    accounting.close();
    await radius.close!(scene.link);
  }
});

test('FreeRADIUS takes no router whose certificate is of another authority', async () => {
  const scene = await opened(file, [server.tlsPort], { certificate: 'intruder' });
  const authorizer = await authorizerOf(scene);
  try {
    const answer = await authorizer.authorize(login);
    assert.ok(!answer.ok && answer.code === 'login_timeout');
  } finally {
    await authorizer.stop();
    await radius.close!(scene.link);
  }
});

test.run();
