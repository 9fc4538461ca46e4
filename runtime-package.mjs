// Builds packages with a runtime for routers whose feed has no Node.js: npm run package:runtime [DIR]. They hold Bun from
// its packages of the npm registry, at one version, known by their hash; `npm pack` fetches them.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBoth } from './containers.mjs';
import { fetched, fileIn } from './registry.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const version = '1.4.5';

/** For each processor, as `uname -m` has it, the package of the registry. x86_64: also for those without AVX2. */
export const runtimes = {
  aarch64: {
    from: '@oven/bun-linux-aarch64-musl',
    integrity:
      'sha512-XCNc+WvvMAdNNb+OWTogpy+N9wm62fkVeEVLb6how0RZhW5LPi6c7BlkeVCuWps7XjEl2saFpHFa20/1E+PAHg==',
  },
  x86_64: {
    from: '@oven/bun-linux-x64-musl-baseline',
    integrity:
      'sha512-cWJhU8h0+MiUgpSt99sQhjxLIIosKEcKYdtKddohokUvAuN6jKOy7g7+QDTZTXtwHxz93wL3BX+L6wXVPDUH3A==',
  },
};

const licence = `Bun ${version} is of Oven and its contributors, under the MIT licence. It is linked with other libraries,
among them JavaScriptCore and WebKit, parts of which are under the GNU LGPL, version 2.
Its sources, and the licences of all that is in it: https://github.com/oven-sh/bun, file LICENSE.md.
`;

/**
 * Writes the packages for a processor. OpenWrt knows processors by the dozen, and the runtime two: its packages are for
 * all of OpenWrt's, and refuse to be installed on another processor.
 * @param tarball of the registry
 * @returns for each its file, size and installed size, in bytes
 * @throws Error when it is not the one that was pinned
 */
export async function runtimePackages(processor, tarball, outdir, { integrity } = runtimes[processor]) {
  const program = await fileIn(tarball, 'package/bin/bun', integrity, `the runtime for ${processor}`);
  const folder = './usr/lib/turnpike-runtime';
  const about = {
    name: 'turnpike-runtime',
    version,
    release: 1,
    // What turnpike asks for.
    provides: 'node',
    depends: ['libstdcpp6'],
    licence: 'MIT',
    section: 'lang',
    description: `Bun for turnpike, where there is no Node.js (${processor})`,
    scripts: {
      preinst: `[ -n "\${IPKG_INSTROOT}" ] || [ "$(uname -m)" = ${processor} ] || {\n\techo 'turnpike-runtime: this package is for ${processor}' >&2\n\texit 1\n}\n`,
    },
    data: {
      [`${folder}/bun`]: { mode: 0o755, bytes: program },
      [`${folder}/LICENSE`]: { mode: 0o644, bytes: Buffer.from(licence) },
    },
  };
  return writeBoth(about, outdir, processor);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outdir = process.argv[2] ?? join(root, 'dist-packages');
  mkdirSync(outdir, { recursive: true });
  mkdirSync(join(root, 'build'), { recursive: true });
  const folder = mkdtempSync(join(root, 'build', 'runtime-'));
  try {
    for (const [processor, { from }] of Object.entries(runtimes)) {
      const made = await runtimePackages(processor, fetched(from, version, folder), outdir);
      for (const { file, size, installed } of made) {
        console.log(`${relative(process.cwd(), file)}: ${size} bytes, ${installed} installed`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
