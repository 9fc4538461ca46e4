// The address of the customers' page, as vouchers have it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { endpoint as daemon } from '../../src/config/endpoint.js';
import { evaluate } from './evaluate.js';

const endpoint = evaluate('turnpike/endpoint.js', {}) as { read(text: string): object | undefined };
const shop = evaluate('turnpike/shop.js', { 'turnpike.endpoint': endpoint }) as {
  address(web: object, port: string | undefined, own: string): string;
};

test('a voucher leads to the first address of the page, at its port or the one of the page', () => {
  const at = (listen: string[], more = {}) => shop.address({ listen, ...more }, '8080', 'router.lan');
  assert.is(at(['10.0.0.1:2081', '10.1.0.1']), 'http://10.0.0.1:2081/');
  assert.is(at(['10.0.0.1']), 'http://10.0.0.1:8080/');
  assert.is(at(['fd00::1']), 'http://[fd00::1]:8080/');
  assert.is(at(['[fd00::1]:443'], { certificate: '/c' }), 'https://[fd00::1]:443/');
  assert.is(at([]), 'http://router.lan:8080/', 'the page is at every address');
});

test('where there is no page, a voucher leads nowhere', () => {
  assert.is(shop.address({ listen: ['10.0.0.1'], enabled: '0' }, '8080', 'router.lan'), '');
  assert.is(shop.address({}, undefined, 'router.lan'), '');
  assert.is(shop.address({ listen: '10.0.0.1' }, undefined, 'router.lan'), 'http://10.0.0.1:2080/');
});

test('LuCI takes no address that the daemon then calls a fault', () => {
  const texts = [
    '192.168.1',
    '192.168.01.1',
    '10.0.0.256',
    '10.0.0.1',
    '255.250.249.0',
    '10.0.0.1:99999',
    'a.example',
  ];
  for (const text of texts) {
    const isGood = daemon.read(text, () => undefined).ok;
    assert.is(endpoint.read(text) !== undefined, isGood, text);
  }
});

test.run();
