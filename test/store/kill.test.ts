import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const child = fileURLToPath(new URL('./kill-child.js', import.meta.url));

interface Run {
  /** The last record that the process found when it started. */
  readonly found: number;
  /** The last record that it said is safe. */
  readonly safe: number;
  readonly errors: string;
}

/** Runs the child until it has said that `count` records are safe, and kills it in the middle of the next ones. */
async function runAndKill(directory: string, count: number): Promise<Run> {
  const process_ = spawn(process.execPath, [child, directory], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, errors] = ['', ''];
  process_.stderr.on('data', (text) => {
    errors += text;
  });
  process_.stdout.on('data', (text) => {
    out += text;
    if (out.split('\n').length > count + 1) process_.kill('SIGKILL');
  });
  await once(process_, 'close');
  // The last line may be cut.
  const lines = out.split('\n').slice(0, -1);
  const found = Number(lines[0]?.replace('start ', ''));
  return { found, safe: Math.max(found, ...lines.slice(1).map(Number)), errors };
}

test('a process killed at any moment has lost nothing that it said is safe', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-kill-'));
  try {
    let safe = 0;
    for (let round = 0; round < 10; round++) {
      const run = await runAndKill(directory, 1 + Math.floor(Math.random() * 150));
      assert.is(run.errors, '');
      assert.ok(run.found >= safe, `${safe} records were safe, ${run.found} were found`);
      safe = run.safe;
    }
    assert.ok(safe > 10);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test.run();
