// What a page says of calls that did not get through.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from './evaluate.js';

/** What a call says when LuCI refuses it with this error. */
async function said(error: Error): Promise<{ code: string; message: string }> {
  const rpc = { declare: () => () => Promise.reject(error) };
  const { call } = evaluate('turnpike/api.js', { rpc }) as { call: { status(): Promise<never> } };
  return call.status().catch(({ code, message }) => ({ code, message }));
}

test('a login that has expired is told of without lines of LuCI’s scripts', async () => {
  // As L.raise() of LuCI 25.12 makes it.
  const text = 'Login session is expired\n  at notifySessionExpiry (http://192.168.1.1/luci.js:2679:19)';
  const expired = Object.assign(new Error(text), { name: 'SessionError' });
  assert.equal(await said(expired), {
    code: 'login_expired',
    message: 'Your login has expired, and nothing was done: log in again.',
  });
});

test('another fault of the way keeps its words', async () => {
  assert.equal(await said(new Error('Bad gateway')), { code: 'transport', message: 'Bad gateway' });
});

test.run();
