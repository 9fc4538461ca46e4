// Real package managers take our packages: apk of OpenWrt 25.12 and opkg of 24.10, each where it is at hand (on the PATH,
// or named: APK=FILE, OPKG=FILE).
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runtimeTarball } from '../rig/runtime-tarball.js';
import { BareRoot, packageManager } from './rig/bare-root.js';

type Made = readonly { readonly file: string }[];
const load = async (file: string) => import(pathToFileURL(resolve(file)).href);
const { buildPackages } = (await load('package.mjs')) as {
  buildPackages(outdir: string, release?: number): Promise<Made>;
};
const { writeBoth } = (await load('containers.mjs')) as {
  writeBoth(one: object, outdir: string): Promise<Made>;
};
const { runtimePackages } = (await load('runtime-package.mjs')) as {
  runtimePackages(processor: string, tarball: Buffer, outdir: string, pin: object): Promise<Made>;
};

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const { apk, opkg } = { apk: packageManager('apk'), opkg: packageManager('opkg') };
/** What OpenWrt has of what ours need. */
const fromOpenWrt = ['libc', 'ubus', 'nftables', 'luci-base', 'libstdcpp6'];
const ours = ['turnpike', 'luci-app-turnpike', 'luci-i18n-turnpike-de', 'turnpike-secp256k1'];
const processor = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const other = processor === 'aarch64' ? 'x86_64' : 'aarch64';

async function standIn(name: string): Promise<void> {
  const about = {
    name,
    version: '1',
    release: 1,
    depends: [],
    licence: 'MIT',
    section: 'x',
    description: name,
  };
  await writeBoth({ ...about, data: {} }, dir);
}

test.before(async () => {
  if (!apk && !opkg) return;
  for (const name of [...fromOpenWrt, 'node']) await standIn(name);
  for (const release of [1, 2]) await buildPackages(dir, release);
  const { tarball, integrity } = runtimeTarball(dir, 'echo "bun $*"');
  for (const one of [processor, other]) await runtimePackages(one, tarball, dir, { integrity });
});
test.after(() => rmSync(dir, { recursive: true }));

/** A package manager in a root of its own. */
interface Router {
  readonly root: BareRoot;
  /** What is called at an upgrade of turnpike. */
  readonly upgraded: readonly string[];
  /** Whether a package that refuses to be installed is not: apk says why and fails, and puts its files there. */
  readonly isKeptOut: boolean;
  install(...files: string[]): { status: number | null; said: string };
  remove(...names: string[]): { status: number | null; said: string };
  /** The file of a package, as this package manager has it. */
  file(name: string, version?: string, release?: number, processor?: string): string;
}

function root(name: string): BareRoot {
  return new BareRoot(join(dir, name));
}

function bring(router: BareRoot, files: readonly string[]): string[] {
  mkdirSync(join(router.folder, 'packages'), { recursive: true });
  for (const file of files) {
    writeFileSync(join(router.folder, 'packages', file), readFileSync(join(dir, file)));
  }
  return files.map((file) => `/packages/${file}`);
}

function withApk(program: string, name: string): Router {
  const router = root(name);
  const flags = ['--root', router.folder, '--no-network', '--allow-untrusted'];
  const apk = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, [...flags, ...args], { encoding: 'utf8' });
    return { status, said: stdout + stderr };
  };
  const { status, said } = apk('add', '--initdb');
  assert.is(status, 0, said);
  return {
    root: router,
    upgraded: ['installed turnpike', 'init restart'],
    isKeptOut: false,
    install: (...files) => apk('add', ...bring(router, files).map((file) => join(router.folder, file))),
    remove: (...names) => apk('del', ...names),
    file: (one, version = '1', release = 1, only = '') =>
      `${one}-${version}-r${release}${only && `_${only}`}.apk`,
  };
}

function withOpkg(program: string, name: string): Router {
  const router = root(name);
  writeFileSync(
    join(router.folder, 'etc/opkg.conf'),
    'dest root /\ndest ram /tmp\nlists_dir ext /var/opkg-lists\narch all 1\n',
  );
  return {
    root: router,
    upgraded: ['before removal of turnpike', 'installed turnpike'],
    isKeptOut: true,
    install: (...files) => router.run(program, 'install', ...bring(router, files)),
    remove: (...names) => router.run(program, 'remove', ...names),
    file: (one, version = '1', release = 1, only = 'all') => `${one}_${version}-${release}_${only}.ipk`,
  };
}

const version = '0.1.0';
const base = (router: Router, ...more: string[]) => [...fromOpenWrt, ...more].map((one) => router.file(one));

/** What an owner sees, whatever the package manager. */
const behaviours: Record<string, (router: Router) => void> = {
  'installs all of it, and calls OpenWrt’s functions for each': (router) => {
    const files = [...base(router, 'node'), ...ours.map((one) => router.file(one, version))];
    const { status, said } = router.install(...files);
    assert.is(status, 0, said);
    const calls = router.root.calls();
    for (const one of ours) assert.ok(calls.includes(`installed ${one}`), `${one}: ${calls}`);
    for (const file of ['usr/bin/turnpike', 'www/luci-static/resources/view/turnpike/sessions.js']) {
      assert.ok(existsSync(join(router.root.folder, file)), file);
    }
  },

  'keeps the owner’s configuration and the sessions at an upgrade': (router) => {
    router.install(...base(router, 'node'), router.file('turnpike', version));
    const config = join(router.root.folder, 'etc/config/turnpike');
    appendFileSync(config, '# the owner’s\n');
    router.root.calls();
    const { status, said } = router.install(router.file('turnpike', version, 2));
    assert.is(status, 0, said);
    assert.match(readFileSync(config, 'utf8'), '# the owner’s\n');
    assert.equal(router.root.calls(), router.upgraded);
  },

  'shuts the gates before it removes the package': (router) => {
    router.install(...base(router, 'node'), ...ours.map((one) => router.file(one, version)));
    router.root.calls();
    const { status, said } = router.remove(...ours.toReversed());
    assert.is(status, 0, said);
    const calls = router.root.calls().filter((call) => !/ (luci|turnpike)-/.test(call));
    assert.equal(calls, ['init stop', 'turnpike leave --yes', 'before removal of turnpike']);
    assert.not(existsSync(join(router.root.folder, 'usr/lib/turnpike/turnpike.mjs')));
  },

  'takes the runtime in the place of Node.js, on its processor alone': (router) => {
    const runtime = (only: string) => router.file('turnpike-runtime', '1.4.5', 1, only);
    const program = join(router.root.folder, 'usr/lib/turnpike-runtime/bun');
    router.install(...base(router));
    const wrong = router.install(runtime(other));
    assert.is.not(wrong.status, 0);
    assert.match(wrong.said, `turnpike-runtime: this package is for ${other}`);
    assert.is(existsSync(program), !router.isKeptOut);
    router.remove('turnpike-runtime');
    assert.not(existsSync(program));
    const { status, said } = router.install(runtime(processor), router.file('turnpike', version));
    assert.is(status, 0, said);
    assert.ok(existsSync(program));
  },
};

function takes(manager: string, at: (name: string) => Router): void {
  for (const [behaviour, shows] of Object.entries(behaviours)) {
    const name = `${manager} ${behaviour}`;
    test(name, () => shows(at(name.replace(/\W+/g, '-'))));
  }
}

if (apk) takes('apk', (name) => withApk(apk, name));
else test('apk', () => console.log('  real apk: SKIPPED, name it in APK to run them'));
if (opkg) takes('opkg', (name) => withOpkg(opkg, name));
else test('opkg', () => console.log('  real opkg: SKIPPED, name it in OPKG to run them'));

test.run();
