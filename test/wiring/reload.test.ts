// A file that is no configuration at all, and what is told of it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Log } from '../../src/ports/log.js';
import { loadToStart, Reload } from '../../src/wiring/reload.js';
import { loadConfig } from '../../src/wiring/schema.js';

const good = "config gateway 'lan'\n\toption type 'opennds'\n";
/** Another file has been copied over the half of this one. */
const lost = `${good}${'abc def\n'.repeat(20_000)}`;

function heard() {
  const lines: string[] = [];
  const log: Log = (_level, line) => void lines.push(line);
  return { lines, log };
}

test('of 20,000 faults status, reload and the log tell the first hundred, and how many there are', async () => {
  const { lines, log } = heard();
  const started = loadToStart(() => loadConfig(good, 'f'), log);
  const load = () => loadConfig(lost, 'f');
  const reload = new Reload({ load, log, started, apply: async () => {} });
  const answer = await reload.run();
  assert.match(JSON.stringify(answer.error), '20000 faults: the old configuration stays');
  assert.is((answer.faults as unknown[]).length, 100);
  assert.is((reload.standing.faults as unknown[]).length, 100);
  assert.is(lines.length, 101);
  assert.is(lines.at(-1), 'configuration: and 19900 more');
});

test('so they are at a start', () => {
  const { lines, log } = heard();
  assert.is(loadToStart(() => loadConfig(lost, 'f'), log).faults.length, 20_000);
  assert.equal(lines.slice(100), [
    'configuration: and 19900 more',
    'configuration: started without what has faults: some options',
  ]);
});

test('a file of any other kind is a configuration with faults, and ends nothing', () => {
  const result = loadConfig(`${good}${'x\n'.repeat(150_000)}`, 'f');
  assert.is(result.ok || result.faults.length, 150_000);
});

test.run();
