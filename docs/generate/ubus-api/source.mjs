// What the source says of the ubus object: its methods, the error codes it can answer, its notifications.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** The tables of methods, as the daemon publishes them. */
export async function methodTables() {
  mkdirSync(join(root, 'build'), { recursive: true });
  const folder = mkdtempSync(join(root, 'build', 'docs-'));
  const outfile = join(folder, 'control.mjs');
  try {
    const entryPoints = [join(root, 'src/api/control.ts')];
    await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'warning' });
    return (await import(pathToFileURL(outfile).href)).methods;
  } finally {
    // Or its program outlives a process that ends at once.
    await stop();
    rmSync(folder, { recursive: true });
  }
}

/** Folders whose codes are those of other protocols: HTTP of the facilitator and the hub, packets, faults of a file. */
const others = [
  ...['src/facilitator', 'src/collector', 'src/hub', 'src/config'],
  'src/radius/dynamic-authorization.ts',
];

/** The forms in which the source writes a code down; a group is a code. */
const forms = [
  /\b(?:refuse|refusal|BadArgument|PaymentError)\(\s*'([a-z_]+)'/g,
  /\bdemand\([^;]*?, '([a-z_]+)',/g,
  /\bcode: '([a-z_]+)', message/g,
  /\bunknown: '([a-z_]+)'/g,
  /\b(?:#match|whole)\([^;]*?'(bad_[a-z]+)'/g,
  /\bconst code = [^;]*?'([a-z_]+)' : '([a-z_]+)'/g,
];
/** A code that comes in by a name, and is written down where the call is. */
const byName = /\b(?:refuse|refusal|BadArgument|PaymentError)\((?!\)|'|\s*'|code\b|unknown\b)[^)]*/g;

/** Files of the daemon, with their text. */
export function sources() {
  return readdirSync(join(root, 'src'), { recursive: true })
    .map((file) => join(root, 'src', String(file)))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: relative(root, file), text: readFileSync(file, 'utf8') }))
    .filter(({ file }) => !others.some((folder) => file.startsWith(folder)));
}

/** Error codes that a call can answer, each with the files that say it. */
export function answeredCodes(files = sources()) {
  const found = new Map();
  for (const { file, text } of files) {
    const codes = forms.flatMap((form) => [...text.matchAll(form)].flatMap((match) => match.slice(1)));
    for (const code of codes) found.set(code, (found.get(code) ?? new Set()).add(file));
  }
  return found;
}

/** Refusals whose code none of the forms can read: it would be missing in the list, and nobody would know. */
export function unreadableCodes(files = sources()) {
  return files.flatMap(({ file, text }) => [...text.matchAll(byName)].map(([call]) => `${file}: ${call}`));
}

/** Types of notices. */
export function noticeTypes() {
  const text = readFileSync(join(root, 'src/ports/notice.ts'), 'utf8');
  return [...text.matchAll(/'([a-z]+\.[a-z]+)'/g)].map((match) => match[1]);
}

/** What the shipped rules let the user `turnpike` call without root. */
export function rights() {
  const rules = JSON.parse(readFileSync(join(root, 'files/usr/share/acl.d/turnpike.json'), 'utf8'));
  return { user: rules.user, methods: rules.access.turnpike.methods };
}
