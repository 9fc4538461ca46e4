// Biome does not read LuCI's dialect, a `return` outside of any function: it gets a copy with `export default` there.
//   node test/luci-app/lint.mjs [--write]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = 'luci-app/htdocs/luci-static/resources';
const write = process.argv.includes('--write');
const dir = mkdtempSync(join(tmpdir(), 'turnpike-lint-'));
const biome = join(process.cwd(), 'node_modules/.bin/biome');

const settings = JSON.parse(readFileSync('biome.json', 'utf8'));
// LuCI reads 'use strict' and the 'require' lines as text; its classes hand `this` around.
settings.linter.rules.suspicious = { noRedundantUseStrict: 'off' };
// The scanner for translators loses a sentence that has a comma behind it.
settings.javascript.formatter.trailingCommas = 'es5';
settings.javascript.globals = ['L', 'E', '_'];
settings.json = { formatter: { enabled: false } };
settings.files = { includes: ['**/*.js'] };
delete settings.$schema;

const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((f) => f.endsWith('.js'));
const other = (text, from, to) => text.replace(new RegExp(`^${from} `, 'm'), `${to} `);

try {
  writeFileSync(join(dir, 'biome.json'), JSON.stringify(settings));
  for (const file of files) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    cpSync(join(root, file), join(dir, file));
    writeFileSync(join(dir, file), other(readFileSync(join(root, file), 'utf8'), 'return', 'export default'));
  }
  const args = ['check', '--error-on-warnings', ...(write ? ['--write'] : []), '.'];
  const { status } = spawnSync(biome, args, { cwd: dir, stdio: 'inherit' });
  for (const file of write ? files : []) {
    writeFileSync(join(root, file), other(readFileSync(join(dir, file), 'utf8'), 'export default', 'return'));
  }
  process.exitCode = status === 0 ? 0 : 1;
} finally {
  rmSync(dir, { recursive: true });
}
