// Runs the property tests with other cases than those of `npm test`, each round with a seed of its own, until one fails:
//   npm run explore -- [--rounds N] [word in the path ...]
// A failure prints fast-check's counterexample, which belongs into the test as an example.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const { values, positionals: words } = parseArgs({
  options: { rounds: { type: 'string', default: '10' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error(`--rounds ${values.rounds}: not a number of rounds`);

const files = readdirSync(here, { recursive: true })
  .map(String)
  .filter((f) => f.endsWith('.test.ts') && !f.startsWith('system/'))
  .filter((f) => /\/properties\.js'/.test(readFileSync(join(here, f), 'utf8')))
  .filter((f) => words.length === 0 || words.some((w) => f.includes(w)));
if (files.length === 0) throw new Error(`no property test has ${words.join(' or ')} in its path`);

for (let round = 1; round <= rounds; round++) {
  const seed = String(randomInt(2 ** 31));
  const env = { ...process.env, PROPERTY_SEED: seed };
  const { status, stdout } = spawnSync(process.execPath, [join(here, 'run.mjs'), ...files], {
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  console.log(`round ${round} of ${rounds}, seed ${seed}: ${stdout.trimEnd().split('\n').at(-1)}`);
  if (status === 0) continue;
  process.stdout.write(stdout);
  process.exitCode = 1;
  break;
}
