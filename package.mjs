// Builds the OpenWrt packages without an SDK: npm run package. The same sources give the same bytes.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stop } from 'esbuild';
import { bundle } from './build.mjs';
import { writeBoth } from './containers.mjs';
import { billOf } from './licences.mjs';
import { compile } from './luci-app/catalogue.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** What runs elsewhere, in a checkout only, or has a package of its own; the Makefile leaves it out, too. */
const elsewhere = ['facilitator.mjs', 'collector.mjs', 'hub.mjs', 'demo.mjs', 'secp256k1.mjs'];

/** Reads a tree as `{ [path in the package]: file }`. Executable is what is executable here. */
function tree(from, to, files = {}) {
  for (const entry of readdirSync(join(root, from), { withFileTypes: true })) {
    const [source, target] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
    if (entry.isDirectory()) tree(source, target, files);
    else if (!elsewhere.includes(entry.name)) files[target] = source;
  }
  return files;
}

// Before OpenWrt's own, which ends the daemon and waits for nothing.
const remove = `[ -n "\${IPKG_INSTROOT}" ] || /usr/lib/turnpike/remove "$@"\n`;
// procd does not restart what it is told to start as before.
const restart = `[ -n "\${IPKG_INSTROOT}" ] || /etc/init.d/turnpike restart\n`;

const packages = [
  {
    name: 'turnpike',
    depends: ['node', 'ubus', 'nftables'],
    section: 'net',
    description: 'Sells WiFi access by the megabyte and by the minute',
    conffiles: ['/etc/config/turnpike'],
    scripts: { prerm: remove, postupgrade: restart },
    files: (dist) => ({ ...tree('files', '.'), ...tree(dist, './usr/lib/turnpike') }),
  },
  {
    name: 'turnpike-secp256k1',
    depends: ['turnpike'],
    section: 'net',
    description: 'Checks signatures of wallets in WebAssembly, for turnpike',
    files: (dist) => ({ './usr/lib/turnpike/secp256k1.mjs': `${dist}/secp256k1.mjs` }),
  },
  {
    name: 'luci-app-turnpike',
    depends: ['luci-base', 'turnpike'],
    section: 'luci',
    description: 'LuCI support for turnpike, which sells WiFi access',
    files: () => ({ ...tree('luci-app/root', '.'), ...tree('luci-app/htdocs', './www') }),
  },
];

/** Languages of LuCI's pages: what LuCI calls each, and itself where that is not the name of its folder (luci.mk). */
const languages = {
  ar: ['العربية (Arabic)'],
  de: ['Deutsch (German)'],
  es: ['Español (Spanish)'],
  fr: ['Français (French)'],
  hi: ['हिंदी (Hindi)'],
  id: ['Bahasa Indonesia (Indonesian)'],
  pt_BR: ['Português do Brasil (Brazilian Portuguese)', 'pt-br'],
  ru: ['Русский (Russian)'],
  sw: ['Kiswahili (Swahili)'],
  zh_Hans: ['简体中文 (Chinese Simplified)', 'zh-cn'],
};

/** A package for each language, as LuCI's own build makes them: most routers need none or one. */
function translations() {
  return readdirSync(join(root, 'luci-app/po'))
    .filter((folder) => folder !== 'templates')
    .map((folder) => {
      const [title, code = folder] = languages[folder];
      const name = `luci-i18n-turnpike-${code}`;
      const set = `uci set luci.languages.${code.replace('-', '_')}='${title}'; uci commit luci\n`;
      const po = readFileSync(join(root, `luci-app/po/${folder}/turnpike.po`), 'utf8');
      return {
        name,
        depends: ['luci-app-turnpike'],
        section: 'luci',
        description: `Translation for luci-app-turnpike - ${title}`,
        files: () => ({
          [`./etc/uci-defaults/${name}`]: { mode: 0o755, bytes: Buffer.from(`#!/bin/sh\n${set}`) },
          [`./usr/lib/lua/luci/i18n/turnpike.${code}.lmo`]: { mode: 0o644, bytes: compile(po) },
        }),
      };
    });
}

function fileAt(path) {
  return { mode: statSync(path).mode & 0o100 ? 0o755 : 0o644, bytes: readFileSync(path) };
}

function dataOf(one, dist) {
  const data = {};
  for (const [target, source] of Object.entries(one.files(dist))) {
    data[target] = typeof source === 'string' ? fileAt(join(root, source)) : source;
  }
  return data;
}

/**
 * Builds all of them into a folder.
 * @param release tells packages of the same version apart
 * @returns name, file, size and installed size of each, in bytes
 */
export async function buildPackages(outdir, release = 1) {
  mkdirSync(outdir, { recursive: true });
  mkdirSync(join(root, 'build'), { recursive: true });
  // Not `dist`, from which somebody may be running.
  const dist = mkdtempSync(join(root, 'build', 'package-'));
  try {
    const { packages: bundled } = await bundle(dist);
    writeFileSync(join(outdir, `turnpike_${version}-${release}.cdx.json`), billOf(version, bundled));
    const built = [];
    for (const one of [...packages, ...translations()]) {
      const about = { ...one, version, release, licence: 'Apache-2.0' };
      const data = dataOf(one, relative(root, dist));
      built.push(...(await writeBoth({ ...about, data }, outdir)));
    }
    return built;
  } finally {
    rmSync(dist, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outdir = process.argv[2] ?? join(root, 'dist-packages');
  for (const { file, size, installed } of await buildPackages(outdir)) {
    console.log(`${relative(process.cwd(), file)}: ${size} bytes, ${installed} installed`);
  }
  await stop();
}
