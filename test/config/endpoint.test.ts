// Servers and addresses as they are written in a configuration.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { endpoint } from '../../src/config/endpoint.js';

const test = suite('endpoint');

function parsed(text: string): unknown {
  const reading = endpoint.read(text, () => undefined);
  return reading.ok ? reading.value : undefined;
}

test('an address with too few or too great numbers is a fault, as resolvers take it for another one', () => {
  for (const typo of ['192.168.1', '192.168.1:2080', '192.168.1.1.1', '192.168.1.256:2080', '2080'])
    assert.is(parsed(typo), undefined, typo);
  assert.equal(parsed('192.168.1.1:2080'), { host: '192.168.1.1', port: 2080 });
  assert.equal(parsed('10.example.net'), { host: '10.example.net' });
  assert.equal(parsed('[fd00::1]:2080'), { host: 'fd00::1', port: 2080 });
});

test.run();
