// What the simulated portals print, against what the real programs printed.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { simulatedDialects } from '../../packages/simulators/dialects/registry.js';
import { arrival } from '../../packages/simulators/portal-client.js';
import type { Mac } from '../../src/domain/mac.js';

const shut = arrival(1, '02:77:00:00:01:0c' as Mac, '10.77.0.12');
const open = {
  ...arrival(2, '02:77:00:00:01:0b' as Mac, '10.77.0.11'),
  open: true,
  sessionStart: 1,
  up: 9e6,
};

/** A reply with the values taken out: keys, order, quotes and white space are left. */
function formOf(reply: string): string {
  return reply
    .replaceAll(/:( ?)("?)[^",\n{]*("?)(?=[,\n])/g, ':$1$2$3')
    .replaceAll(/"02:[0-9a-f:]+":/g, 'MAC:');
}

for (const [name, { printAll, printOne, title }] of Object.entries(simulatedDialects)) {
  const recorded = (what: string) => readFileSync(`test/fixtures/portal/${name}-json-${what}.json`, 'utf8');
  const printed: Readonly<Record<string, string>> = {
    'all-none': printAll([]),
    'all-preauthenticated': printAll([shut]),
    'all-mixed': printAll([open, shut]),
    'one-preauthenticated': printOne(shut),
    'one-authenticated': printOne(open),
    'one-unknown': printOne(undefined),
  };
  for (const [what, text] of Object.entries(printed)) {
    test(`${title}: json ${what} has the form of the real program's`, () => {
      assert.is(formOf(text), formOf(recorded(what)));
    });
  }
}

test.run();
