// A folder of UCI files with a uci that works on it: the real one, from UCI=FILE or the path, or a stand-in that says so.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

function realUci(): string | undefined {
  const named = process.env.UCI ?? 'uci';
  return spawnSync(named, ['-h'], { stdio: 'ignore' }).error === undefined ? named : undefined;
}

const real = realUci();
const standIn = fileURLToPath(new URL('./uci-stand-in.js', import.meta.url));
if (!real)
  console.log('SKIPPED: OpenWrt’s uci, which is not here (UCI=FILE names it): a stand-in takes its place');

export interface Router {
  readonly dir: string;
  /** The program. */
  readonly uci: string;
  /** Turnpike's own configuration. */
  readonly config: string;
  put(file: string, text: string): void;
  text(file: string): string;
  /** Does something as the owner, with the same uci. */
  owner(...lines: string[]): void;
  remove(): void;
}

/** A router with these files in its folder of UCI. Its portal's customers are on the loopback. */
export function openRouter(type: 'opennds' | 'nodogsplash', text: string): Router {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const path = (file: string) => join(dir, file);
  const put = (file: string, content: string) => writeFileSync(path(file), content);
  mkdirSync(path('.changes'));
  put(type, text);
  put(
    'turnpike',
    `# Mine.\nconfig turnpike 'main'\n\toption directory '${path('state')}'\n` +
      `config gateway 'lan'\n\toption type '${type}'\n\tlist interface 'lo'\n` +
      "config plan 'p'\n\toption title 'P'\n\toption metric 'bytes'\n\toption step '1 MB'\n\tlist price '1 USD'\n" +
      "config method 'cash'\n\tlist currency 'USD 2'\n",
  );
  const program = real ? `exec ${real} -t '${path('.changes')}'` : `exec '${process.execPath}' '${standIn}'`;
  writeFileSync(path('.uci'), `#!/bin/sh\n${program} "$@"\n`);
  chmodSync(path('.uci'), 0o755);
  const uci = path('.uci');
  return {
    ...{ dir, uci, put, config: path('turnpike') },
    text: (file) => readFileSync(path(file), 'utf8'),
    owner(...lines) {
      const { stderr } = spawnSync(uci, ['-c', dir, 'batch'], {
        input: `${lines.join('\n')}\n`,
        encoding: 'utf8',
      });
      if (stderr) throw new Error(stderr);
    },
    remove: () => rmSync(dir, { recursive: true }),
  };
}
