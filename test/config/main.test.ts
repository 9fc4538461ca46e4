import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { needsRestart } from '../../src/config/main.js';
import { gateway, load } from './load.js';

const main = (...lines: string[]) =>
  load(`${gateway}config turnpike 'main'\n${lines.map((line) => `\toption ${line}\n`).join('')}`).main;

test('a reload says which settings wait for the next start', () => {
  assert.equal(needsRestart(main(), main()), []);
  assert.equal(needsRestart(main(), main("log_level 'debug'", "flush_interval '10s'")), []);
  assert.equal(needsRestart(main(), main("router 'cafe-north'", "enabled '0'")), ['enabled', 'router']);
  assert.equal(needsRestart(main("socket '/tmp/ubus'"), main("nft '/dev/null'")), ['nft', 'socket']);
});

test.run();
