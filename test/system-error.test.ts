// What the operating system said, where a runtime tells less of it than Node.js does.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../src/cli/failure.js';
import { notListening, reasonOf } from '../src/system-error.js';

const at = { host: '127.0.0.1', port: 8080 };

function thrownFor(cause: Error): Error {
  try {
    return notListening(cause, at);
  } catch (thrown) {
    return thrown as Error;
  }
}

const refused = (more: object) =>
  Object.assign(new Error('Failed to start server.'), { code: 'EADDRINUSE', syscall: 'listen', ...more });

test('an error has the words of the system by its name where its number is another', () => {
  for (const errno of [-98, 98, 0]) assert.is(reasonOf(refused({ errno })), 'address already in use');
  assert.is(reasonOf(Object.assign(new Error('own words'), { code: 'EOWN', errno: 0 })), 'own words');
});

test('a server that cannot listen says where, also where its runtime does not', () => {
  const said = 'address already in use; something else listens there; is it running already?';
  assert.is(explain(thrownFor(refused({ errno: 0 }))), `127.0.0.1 port 8080: ${said}`);
  const placed = refused({ errno: -98, address: '::1', port: 1 });
  assert.is(explain(thrownFor(placed)), `::1 port 1: ${said}`);
});

test('what failed before a server could listen stays as it is', () => {
  const unknown = Object.assign(new Error('x'), { code: 'ENOTFOUND', errno: -3008, syscall: 'getaddrinfo' });
  assert.is(thrownFor(unknown), unknown);
  assert.is('address' in unknown, false);
});

test.run();
