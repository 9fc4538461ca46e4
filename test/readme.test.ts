// What the README and docs/configuration.md promise to list, they list.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { methods } from '../src/api/control.js';
import { inOrder, sectionsOf } from '../src/config/schema.js';
import { schema } from '../src/wiring/schema.js';

const readme = readFileSync('README.md', 'utf8');
const sources = readdirSync('src', { recursive: true })
  .map((f) => join('src', String(f)))
  .filter((f) => f.endsWith('.ts'))
  .map((f) => readFileSync(f, 'utf8'));

function literals(form: RegExp): string[] {
  return [...new Set(sources.flatMap((text) => [...text.matchAll(form)].map((m) => m[1]!)))];
}

test('every method of the object has an example', () => {
  for (const [name, { args }] of Object.entries(methods)) {
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    assert.ok(row, `${name} is not in the table`);
    for (const arg of Object.keys(args)) {
      const known = name === 'grant' || readme.includes(`"${arg}"`) || row.includes(`\`${arg}\``);
      assert.ok(known, `${name}: ${arg} is not shown`);
    }
  }
});

test('every error code is in the list', () => {
  const codes = literals(/(?:refuse|refused|failure|BadArgument|#match)\([^)]*?'([a-z]+_[a-z_]+)'/g);
  assert.ok(codes.length >= 15, `${codes}`);
  for (const code of codes.filter((c) => c !== 'idempotency_key')) {
    assert.ok(readme.includes(`\`${code}\``), `${code} is not in the README`);
  }
});

test('every option of the configuration is explained in docs/configuration.md', () => {
  const chapters = readFileSync('docs/configuration.md', 'utf8').split(/^## /m);
  for (const { type, options, secrets } of inOrder(sectionsOf(schema))) {
    const chapter = chapters.find((text) => text.startsWith(`\`config ${type} `)) ?? '';
    for (const [name, { help }] of Object.entries({ ...options, ...secrets })) {
      const row = chapter.split('\n').find((line) => line.includes(`\`${name}\``) && line.includes(help));
      assert.ok(row, `${type}: ${name} is not explained`);
    }
  }
});

test('its JSON examples are JSON with known arguments', () => {
  for (const [, name, cell] of readme.matchAll(/^\| `([a-z_]+)` \| (.*?) \|/gm)) {
    const method = methods[name!];
    if (!method) continue;
    for (const [, json] of cell!.matchAll(/`(\{.*?\})`/g)) {
      for (const key of Object.keys(JSON.parse(json!))) assert.ok(key in method.args, `${name}: ${key}`);
    }
  }
});

test.run();
