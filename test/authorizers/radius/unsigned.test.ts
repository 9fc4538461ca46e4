// A server as Debian installs FreeRADIUS: its replies carry no Message-Authenticator.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildAuthorizer } from '../../../src/authorizers/radius/build.js';
import { systemClock } from '../../../src/clock.js';
import type { Mac } from '../../../src/domain/mac.js';
import type { AuthorizerParts, RunningAuthorizer } from '../../../src/ports/authorizer.js';
import { packetCode } from '../../../src/radius/code.js';
import type { RadiusLink } from '../../../src/radius/link.js';
import { LocatedNas } from '../../../src/radius/located.js';
import type { RadiusConfig } from '../../../src/radius/section.js';
import { UdpTransport } from '../../../src/radius/udp.js';
import { secret } from '../../radius/network.js';
import { LoopbackServer } from '../../radius/server.js';

const login = { session: 's1', mac: '02:00:00:00:00:aa' as Mac, gateway: 'lan', user: 'ada', password: 'x' };
const advice = /update reply { Message-Authenticator := 0x00 }/;

async function built(server: LoopbackServer, log: string[], timeout: number): Promise<RunningAuthorizer> {
  const at = { host: '127.0.0.1', port: server.port };
  const config = {
    ...{
      secret: secret.toString(),
      authServers: [at],
      acctServers: [],
      timeout,
      protocol: 'pap',
      devices: 1,
    },
    ...{ messageAuthenticator: 'require', statusServer: 'auto', macAuth: false },
  };
  const link = { nas: new LocatedNas('nas', '192.0.2.1', []), transport: new UdpTransport() };
  const parts = {
    ...{ clock: systemClock, link },
    log: (_level: string, text: string) => log.push(text),
  };
  return buildAuthorizer(config as unknown as RadiusConfig, parts as unknown as AuthorizerParts<RadiusLink>);
}

test('an owner reads in the answer, the log, the test and the status what their server has to add', async () => {
  const server = await LoopbackServer.start();
  const log: string[] = [];
  const authorizer = await built(server, log, 100);
  try {
    server.signs = false;
    const tested = await authorizer.test();
    assert.ok(!tested.ok, 'before the first customer');
    assert.match(tested.message, advice);
    const answer = await authorizer.authorize(login);
    assert.ok(!answer.ok && answer.code === 'login_timeout');
    assert.match(answer.message, advice);
    assert.is(log.length, 1);
    assert.match(log[0]!, advice);
    assert.is(authorizer.standing.state, 'down');
    assert.match(authorizer.standing.error, advice);
    server.signs = true;
    const again = await authorizer.test();
    assert.ok(again.ok, 'and that it is right now');
    assert.is(authorizer.standing.state, 'up');
    assert.ok((await authorizer.authorize(login)).ok);
  } finally {
    await authorizer.stop();
    await server.close();
  }
});

test('a server that has answered a login is asked for its status alone', async () => {
  const server = await LoopbackServer.start();
  const authorizer = await built(server, [], 60_000);
  try {
    assert.ok((await authorizer.authorize(login)).ok);
    assert.ok((await authorizer.test()).ok);
    const logins = server.codes.filter((code) => code === packetCode.accessRequest);
    assert.is(logins.length, 1, "the customer's own");
  } finally {
    await authorizer.stop();
    await server.close();
  }
});

test.run();
