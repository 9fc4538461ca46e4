// docs/configuration.md has every option that the daemon reads.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const document = readFileSync('docs/configuration.md', 'utf8');
const form = /\b(?:s|secrets\?)\.(?:matching|flag|span|choice|whole|bytes|rate|list|demand)\('([a-z_0-9]+)'/g;

test('every option of the configuration is in it', () => {
  const sources = readdirSync('src/config').map((file) => readFileSync(join('src/config', file), 'utf8'));
  const options = new Set(sources.flatMap((text) => [...text.matchAll(form)].map((match) => match[1]!)));
  assert.ok(options.size > 70, `${options.size} options`);
  for (const option of options) assert.ok(document.includes(`\`${option}\``), `${option} is not in it`);
});

test.run();
