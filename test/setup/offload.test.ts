// The firewall's flow offload, found in its configuration as fw4 reads it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUci } from '../../src/config/uci.js';
import { offload, offloadIn } from '../../src/setup/offload.js';

const firewall = (options: string) =>
  parseUci(
    `config defaults\n\toption input 'REJECT'\n${options}\nconfig zone\n\toption flow_offloading '1'\n`,
  ).sections;

test('what is on in the section of defaults is found, in all of UCI’s words', () => {
  assert.equal(offloadIn(firewall("\toption flow_offloading '1'\n\toption flow_offloading_hw 'on'\n")), [
    'flow_offloading',
    'flow_offloading_hw',
  ]);
  assert.equal(offloadIn(firewall("\toption flow_offloading '0'\n")), []);
  assert.equal(offloadIn(firewall('')), []);
  assert.equal(offloadIn([]), []);
});

test('the set-up changes what is on, and nothing else', () => {
  const read = () => firewall("\toption flow_offloading '1'\n");
  assert.equal(offload.plan({ read }).value.settings, [
    { file: 'firewall', section: '@defaults[0]', option: 'flow_offloading', value: '0' },
  ]);
  assert.equal(offload.plan({ read: () => undefined }).value.settings, []);
});

test.run();
