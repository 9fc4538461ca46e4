// Runs system tests on nft 1.1, as OpenWrt 25.12 has it; Debian 12 has 1.0.6. A later Debian has 1.1, and apt fetches
// it with all that it needs from the mirror of this machine, and checks the signature. DEBIAN=sid takes another release.
//   node test/on-nft.mjs [--where-at-hand] [kernel | a word in the path ...]
// With --where-at-hand an nft that cannot be fetched is a skip that is said.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const release = process.env.DEBIAN ?? 'trixie';
const place = join(root, 'build', `nft-${release}`);
/** Where the tests have that folder: in a checkout below /tmp they would not, for portals have a /tmp of their own. */
const there = '/media';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** dnsmasq reads and writes sets by the library of nft; on OpenWrt, too, both have the same one. */
const programs = ['nft', 'dnsmasq'];

/** The release cannot be had. */
class Unavailable extends Error {}

/** Runs a program to its end. @returns what it printed */
function run(program, ...args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Unavailable(`${program}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
}

/** Where this machine's apt has Debian from. */
function mirror() {
  const targets = run('apt-get', 'indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages');
  const found = targets.split('\n').find((one) => /\/debian\/?$/.test(one));
  if (found === undefined) throw new Unavailable('apt-get: it has no mirror of Debian');
  return found;
}

/** Fetches nft of the release, and what it needs, into a folder; nothing else of this machine changes. @returns the packages */
function packages(folder) {
  for (const one of ['state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, one), { recursive: true });
  }
  // By this status nothing is installed, so that all comes.
  writeFileSync(join(folder, 'status'), '');
  const source = join(folder, 'release.list');
  writeFileSync(source, `deb [signed-by=${keyring}] ${mirror()} ${release} main\n`);
  const own = {
    'Dir::Etc::sourcelist': source,
    'Dir::Etc::sourceparts': '-',
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'APT::Sandbox::User': 'root',
    'Acquire::Retries': '2',
  };
  const options = Object.entries(own).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  run('apt-get', ...options, 'update', '--error-on=any');
  run('apt-get', ...options, 'install', '--yes', '--download-only', '--no-install-recommends', 'nftables');
  const archives = join(folder, 'cache', 'archives');
  const files = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  return files.map((name) => join(archives, name));
}

/** Fills a folder with the release's nft and this machine's dnsmasq, each with the release's libraries. */
function fill(folder) {
  const tree = join(folder, 'tree');
  const apt = join(folder, 'apt');
  for (const one of packages(apt)) run('dpkg-deb', '--extract', one, tree);
  rmSync(apt, { recursive: true });
  copyFileSync(whereIs('dnsmasq'), join(tree, 'usr', 'sbin', 'dnsmasq'));
  const lib = join(tree, 'usr', 'lib');
  const own = readdirSync(lib).find((one) => existsSync(join(lib, one, 'libnftables.so.1')));
  const loader = readdirSync(join(lib, own)).find((one) => /^ld-linux.*\.so\.\d$/.test(one));
  const libraries = join(there, 'tree', 'usr', 'lib', own);
  for (const name of programs) {
    const file = join(there, 'tree', 'usr', 'sbin', name);
    const command = `exec ${join(libraries, loader)} --library-path ${libraries} ${file} "$@"`;
    writeFileSync(join(folder, name), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  }
}

function whereIs(name) {
  const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  throw new Unavailable(`${name}: this machine has none that would make way for it`);
}

/** Has the programs in their folder: fetched once. */
function fetchAll() {
  if (existsSync(place)) return;
  mkdirSync(dirname(place), { recursive: true });
  const folder = mkdtempSync(`${place}-`);
  try {
    fill(folder);
    chmodSync(folder, 0o755);
    renameSync(folder, place);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const asked = process.argv.slice(2);
const isOptional = asked[0] === '--where-at-hand';
const words = isOptional ? asked.slice(1) : asked;
const mounts = [`mount --bind '${place}' ${there}`];
try {
  // They stand in the place of this machine's for the tests alone.
  for (const name of programs) mounts.push(`mount --bind ${there}/${name} ${whereIs(name)}`);
  fetchAll();
} catch (cause) {
  if (!(cause instanceof Unavailable)) throw cause;
  console.log(isOptional ? `SKIPPED: the tests on nft of ${release}: ${cause.message}` : cause.message);
  if (isOptional) console.log('0 passed, 0 failed, 1 skipped');
  process.exit(isOptional ? 0 : 2);
}
const command = [...mounts, 'nft --version', 'exec "$0" "$@"'].join(' && ');
const tests = [process.execPath, join(root, 'test', 'run.mjs'), '--system', ...words];
const { status } = spawnSync('unshare', ['--mount', 'sh', '-c', command, ...tests], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
