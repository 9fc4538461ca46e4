// Builds dist/ (the daemon, one file per thread) and, for the tests, a file-by-file translation of the sources.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// CommonJS packages inside an ES module bundle ask for these three; Piscina finds its worker beside `__dirname`.
const banner = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  'const __dirname = import.meta.dirname;',
].join('\n');

const shared = {
  absWorkingDir: root,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
};

/** Bundles the daemon into `dist/`: it runs from a folder that holds these files and nothing else. */
export async function bundle(outdir = join(root, 'dist')) {
  rmSync(outdir, { recursive: true, force: true });
  const result = await build({
    ...shared,
    entryPoints: { turnpike: 'src/cli.ts', poll: 'workers/poll.ts' },
    bundle: true,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    outExtension: { '.js': '.mjs' },
    banner: { js: banner },
    external: ['radius'],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    define: { TURNPIKE_VERSION: JSON.stringify(version) },
    outdir,
  });
  // It reads its dictionaries beside itself, and Node says nothing of its old ways inside node_modules only.
  for (const part of ['lib', 'dictionaries', 'package.json', 'LICENSE']) {
    const path = join('node_modules', 'radius', part);
    cpSync(join(root, path), join(outdir, path), { recursive: true });
  }
  // By themselves, so that the router's package can leave them out; the drivers of databases stay packages of npm's.
  await build({
    ...shared,
    entryPoints: {
      facilitator: 'src/facilitator/main.ts',
      collector: 'src/collector/main.ts',
      demo: 'packages/demo/main.ts',
    },
    bundle: true,
    outExtension: { '.js': '.mjs' },
    banner: { js: banner },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    define: { TURNPIKE_VERSION: JSON.stringify(version) },
    external: ['node-sqlite3-wasm', 'pg', 'radius'],
    outdir,
  });
  // Piscina starts `resolve(__dirname, 'worker.js')`, which is CommonJS wherever the folder is put.
  writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
  await build({
    ...shared,
    entryPoints: { worker: 'node_modules/piscina/dist/worker.js' },
    bundle: true,
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    outdir,
    banner: { js: '' },
  });
  return result.metafile;
}

/** Translates every source and test file below `outdir`, one to one, with imports left as they are. */
export async function transpile(outdir, folders = ['src', 'workers', 'packages', 'test']) {
  await build({
    ...shared,
    entryPoints: folders.map((folder) => `${folder}/**/*.ts`),
    outbase: root,
    bundle: false,
    sourcemap: 'inline',
    sourcesContent: false,
    outdir,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
