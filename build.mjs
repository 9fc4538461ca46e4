// Builds dist/ (the daemon, one file per thread) and, for the tests, a file-by-file translation of the sources.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { foldersIn, licencesOf, packagesIn } from './licences.mjs';
import { catalogues } from './page-bundle.mjs';

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
  // Our own packages from their sources; `module` is what esbuild asks for when nothing is said.
  conditions: ['openwrt-ubus-source', 'module'],
  // What the pages say in ten languages would take twice the room in escapes; see `inBytes`.
  charset: 'utf8',
  logLevel: 'warning',
};

const unused = /^(?:socks|worker-timers|\.\/wx|\.\/ali|\.\/lib\/websocket-server(?:\.js)?|\.\/browser\.js)$/;

/**
 * What the router never calls, of MQTT.js: proxies by SOCKS, timers in a browser's worker, the transports of two
 * telephone apps, the server of WebSockets, the log in a browser. Node's own streams are what `readable-stream` copies,
 * and of its own description a package asks for nothing but the version.
 */
const leftOut = {
  name: 'left-out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^readable-stream$/ }, () => ({ path: 'node:stream', external: true }));
    onResolve({ filter: unused }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
    onLoad({ filter: /node_modules\/(?:mqtt|piscina)\/package\.json$/ }, ({ path }) => ({
      contents: JSON.stringify({ version: JSON.parse(readFileSync(path, 'utf8')).version }),
      loader: 'json',
    }));
  },
};

/** The daemon, and the thread that polls. @returns what esbuild says of it, and the files */
export async function bundleRouter(outdir) {
  const { metafile, outputFiles } = await build({
    ...shared,
    write: false,
    entryPoints: { turnpike: 'src/cli.ts', poll: 'workers/poll.ts' },
    bundle: true,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    outExtension: { '.js': '.mjs' },
    banner: { js: banner },
    external: ['radius'],
    plugins: [leftOut, catalogues],
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: true,
    legalComments: 'none',
    metafile: true,
    define: { TURNPIKE_VERSION: JSON.stringify(version) },
    outdir,
  });
  const files = outputFiles.map(({ path, text }) => ({ path, text: inBytes(withoutBanner(text)) }));
  for (const { path, text } of files) metafile.outputs[relative(root, path)].bytes = Buffer.byteLength(text);
  return { metafile, files };
}

/** Nine chunks in ten ask for nothing of the banner. */
function withoutBanner(text) {
  const [before, after] = text.split(`${banner}\n`);
  return after === undefined || /\b(?:require|__dirname)\b/.test(before + after) ? text : before + after;
}

/**
 * V8 keeps a whole source in two bytes a character where one of them is above U+00FF, so a file with a few of them
 * has escapes in their place. Those of a language are left: they would take more room on flash than they save in memory.
 */
export function inBytes(text) {
  const wide = /[\u0100-\uffff]/g;
  const count = text.match(wide)?.length ?? 0;
  if (count > text.length / 200 || text.includes('String.raw')) return text;
  return text.replace(wide, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The code of `radius`, file by file where it stands among its dictionaries. */
async function radiusFiles(outdir) {
  const lib = join('node_modules', 'radius', 'lib');
  const { outputFiles } = await build({
    ...shared,
    write: false,
    entryPoints: readdirSync(join(root, lib)).map((name) => join(lib, name)),
    format: 'cjs',
    minify: true,
    outdir: join(outdir, lib),
  });
  return outputFiles;
}

/**
 * Bundles the daemon into `dist/`: it runs from a folder that holds these files and nothing else.
 * @returns what esbuild says of it, and the packages of npm's that are in the router's packages
 */
export async function bundle(outdir = join(root, 'dist')) {
  rmSync(outdir, { recursive: true, force: true });
  const result = await bundleRouter(outdir);
  mkdirSync(outdir, { recursive: true });
  for (const { path, text } of result.files) writeFileSync(path, text);
  // It reads its dictionaries beside itself, and Node says nothing of its old ways inside node_modules only.
  for (const part of ['dictionaries', 'package.json', 'LICENSE']) {
    const path = join('node_modules', 'radius', part);
    cpSync(join(root, path), join(outdir, path), { recursive: true });
  }
  for (const { path, text } of await radiusFiles(outdir)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  // By themselves, so that the router's package can leave them out; the drivers of databases stay packages of npm's.
  const apart = await build({
    ...shared,
    entryPoints: {
      facilitator: 'src/facilitator/main.ts',
      collector: 'src/collector/main.ts',
      hub: 'src/hub/main.ts',
      demo: 'packages/demo/main.ts',
      secp256k1: 'src/payments/wallet/secp256k1.ts',
    },
    bundle: true,
    outExtension: { '.js': '.mjs' },
    banner: { js: banner },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    define: { TURNPIKE_VERSION: JSON.stringify(version) },
    external: ['node-sqlite3-wasm', 'pg', 'radius'],
    metafile: true,
    outdir,
  });
  // Piscina starts `resolve(__dirname, 'worker.js')`, which is CommonJS wherever the folder is put.
  writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
  const worker = await build({
    ...shared,
    entryPoints: { worker: 'node_modules/piscina/dist/worker.js' },
    bundle: true,
    format: 'cjs',
    minify: true,
    metafile: true,
    outdir,
    banner: { js: '' },
  });
  const [, curves] = Object.entries(apart.metafile.outputs).find(([file]) => file.endsWith('secp256k1.mjs'));
  const routers = [result, worker].flatMap(({ metafile }) => Object.values(metafile.outputs));
  const packages = packagesIn(root, ['node_modules/radius', ...foldersIn([...routers, curves])]);
  const texts = licencesOf(readFileSync(join(root, 'LICENSE'), 'utf8'), packages);
  writeFileSync(join(outdir, 'LICENSES.txt.gz'), gzipSync(texts, { level: 9 }));
  return { ...result.metafile, packages };
}

/** Where a translated file below `outdir` finds the package `openwrt-ubus`: beside itself, translated as it is. */
function linkUbus(outdir) {
  const folder = join(outdir, 'packages/ubus');
  const described = JSON.parse(readFileSync(join(root, 'packages/ubus/package.json'), 'utf8'));
  const doors = Object.entries(described.exports).map(([name, { 'openwrt-ubus-source': source }]) => [
    name,
    source.replace(/\.ts$/, '.js'),
  ]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ ...described, exports: Object.fromEntries(doors) }),
  );
  mkdirSync(join(outdir, 'node_modules'), { recursive: true });
  symlinkSync('../packages/ubus', join(outdir, 'node_modules/openwrt-ubus'));
}

const sources = [
  'src',
  'workers',
  'packages/demo',
  'packages/documents',
  'packages/simulators',
  'packages/ubus/src',
  'packages/x402r-session/src',
  'test',
];

/** Translates every file of the sources, and of folders `more`, below `outdir`, one to one, with imports left as they are. */
export async function transpile(outdir, more = []) {
  await build({
    ...shared,
    entryPoints: [...sources, ...more].map((folder) => `${folder}/**/*.ts`),
    outbase: root,
    bundle: false,
    sourcemap: 'inline',
    sourcesContent: false,
    outdir,
  });
  linkUbus(outdir);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
