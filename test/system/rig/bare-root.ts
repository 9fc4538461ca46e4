// A router as package managers see it: a folder with a shell, a few programs, and what notes down who was called.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';

/** What is called by the scripts of packages and by opkg. */
const programs = [
  'sh',
  'basename',
  'chmod',
  'cp',
  'grep',
  'gzip',
  'mkdir',
  'mv',
  'rm',
  'sleep',
  'tar',
  'uname',
];

/**
 * A program for these tests: the one that the variable of its name in capitals names, or the first on the PATH.
 * @throws Error when one is named that cannot be run
 */
export function packageManager(name: string): string | undefined {
  const named = process.env[name.toUpperCase()];
  if (named !== undefined) {
    accessSync(named, constants.X_OK);
    return named;
  }
  return programOnPath(name);
}

function programOnPath(name: string): string | undefined {
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return places.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A root in this folder, which is not there yet; needs root, as a package manager does. */
export class BareRoot {
  constructor(readonly folder: string) {
    for (const name of ['bin', 'dev', 'etc', 'lib', 'tmp', 'usr/bin', 'var/lock', 'usr/lib/opkg/info']) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    writeFileSync(join(folder, 'dev/null'), '');
    writeFileSync(join(folder, 'log'), '');
    for (const name of programs) this.#bring(programOnPath(name)!);
    const note = (word: string) => `echo "${word} \${pkgname:-$(basename "\${1%.*}")}" >>/log`;
    this.#write('lib/functions.sh', [
      'add_group_and_user() { :; }',
      `default_postinst() { ${note('installed')}; }`,
      `default_prerm() { ${note('before removal of')}; }`,
    ]);
    this.#write('etc/rc.common', ['#!/bin/sh', 'echo "init $2" >>/log']);
    // Of what the command is called with, the last two words.
    this.#write('usr/bin/node', [
      '#!/bin/sh',
      'while [ "$#" -gt 2 ]; do shift; done',
      'echo "turnpike $*" >>/log',
    ]);
  }

  /** Runs a program of this machine in here. @returns what it said */
  run(program: string, ...args: string[]): { status: number | null; said: string } {
    this.#bring(program);
    const place = `/bin/${basename(program)}`;
    const env = { PATH: '/bin:/sbin:/usr/bin:/usr/sbin' };
    const { status, stdout, stderr } = spawnSync('chroot', [this.folder, place, ...args], { env });
    return { status, said: `${stdout}${stderr}` };
  }

  /** What was called since the last look, in order. */
  calls(): string[] {
    const log = join(this.folder, 'log');
    const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
    writeFileSync(log, '');
    return lines;
  }

  /** Copies a program in, with the libraries that it is linked with. */
  #bring(program: string): void {
    cpSync(program, join(this.folder, 'bin', basename(program)), { dereference: true });
    const listed = execFileSync('ldd', [program], { encoding: 'utf8' });
    for (const [library] of listed.matchAll(/\/\S+\.so\S*/g)) {
      mkdirSync(join(this.folder, dirname(library)), { recursive: true });
      cpSync(library, join(this.folder, library), { dereference: true });
    }
  }

  #write(file: string, lines: string[]): void {
    writeFileSync(join(this.folder, file), `${lines.join('\n')}\n`);
    chmodSync(join(this.folder, file), 0o755);
  }
}
