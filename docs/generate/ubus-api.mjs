// Writes docs/ubus-api.md: names and types from src/api, the words from docs/generate/ubus-api.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codes, faultCodes } from './ubus-api/codes.mjs';
import { frame } from './ubus-api/frame.mjs';
import { methods as words } from './ubus-api/methods.mjs';
import { heartbeat, notices } from './ubus-api/notices.mjs';
import { closed, sessionFields } from './ubus-api/samples.mjs';
import { methodTables, rights } from './ubus-api/source.mjs';

const target = join(dirname(fileURLToPath(import.meta.url)), '..', 'ubus-api.md');
const mostColumns = 100;

/** The whole document. @throws Error when a method or an argument has no words, or words are for none */
export async function ubusApi() {
  const tables = await methodTables();
  same('method', Object.keys(tables), Object.keys(words));
  const names = Object.keys(words);
  return frame({
    index: names.map((name) => `[\`${name}\`](#${name})`).join(', '),
    session: fenced('json', layOut(closed, 0, mostColumns)),
    fields: table(
      ['field', ''],
      Object.entries(sessionFields).map(([name, text]) => [`\`${name}\``, text]),
    ),
    methods: names.map((name) => section(name, tables[name].args)).join('\n'),
    notices: noticeTable(),
    codes: Object.entries(codes).map(codeTable).join('\n'),
    faults: Object.entries(faultCodes)
      .map(([code, text]) => `\`${code}\` (${text})`)
      .join(', '),
    ...rightsText(),
  });
}

function section(name, types) {
  const { does, args, examples } = words[name];
  same(`argument of ${name}`, Object.keys(types), Object.keys(args));
  const rows = Object.entries(types).map(([arg, type]) => [`\`${arg}\``, type, args[arg]]);
  const list = rows.length > 0 ? `${table(['argument', 'type', ''], rows)}\n` : 'No arguments.\n\n';
  return `### ${name}\n\n${does}\n\n${list}${examples.map((one) => example(name, one)).join('\n')}`;
}

function example(name, { args, reply }) {
  const width = mostColumns - 'ubus call turnpike '.length - name.length;
  const call = Object.keys(args).length === 0 ? '' : ` '${layOut(args, 0, width)}'`;
  return `${fenced('sh', `ubus call turnpike ${name}${call}`)}${answer(reply)}`;
}

/** Sessions are shown once: where a field of an answer is one, the reader has seen it. */
function answer(reply) {
  if (isSession(reply)) return '\nThe answer is [a session](#a-session).\n';
  if (!reply.sessions?.every) return fenced('json', layOut(reply, 0, mostColumns));
  const { sessions: _, ...rest } = reply;
  const next = rest.next === undefined ? '' : `, "next": "${rest.next}"`;
  return `\nThe answer is \`{"sessions": […]${next}}\`; each entry is [a session](#a-session).\n`;
}

function isSession(reply) {
  return reply !== undefined && 'lots' in reply;
}

function fenced(language, text) {
  return `\`\`\`${language}\n${text}\n\`\`\`\n`;
}

function noticeTable() {
  const rows = [...Object.entries(notices), [heartbeat[0], heartbeat.slice(1)]];
  return table(
    ['type', 'when', 'data'],
    rows.map(([type, [when, data]]) => [`\`${type}\``, when, data]),
  );
}

function codeTable([group, rows]) {
  const lines = rows.map(([code, meaning, remedy]) => [`\`${code}\``, meaning, remedy]);
  return `### ${group}\n\n${table(['code', 'meaning', 'what to do'], lines)}`;
}

function rightsText() {
  const { user, methods } = rights();
  return { rights: methods.map((name) => `\`${name}\``).join(', '), user };
}

function table(heads, rows) {
  const line = (cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`.replaceAll('|  |', '| |');
  return `${line(heads)}|${heads.map(() => '---|').join('')}\n${rows.map(line).join('')}`;
}

/** JSON in as few lines as fit: what is short stands on one line. */
function layOut(value, depth, width) {
  const flat = JSON.stringify(value, null, 1)
    .replace(/\n */g, ' ')
    .replace(/([[{]) ([\]}])/g, '$1$2');
  if (typeof value !== 'object' || value === null || flat.length + depth <= width) return flat;
  const pad = ' '.repeat(depth + 1);
  const inner = Array.isArray(value)
    ? value.map((one) => `${pad}${layOut(one, depth + 1, width)}`)
    : Object.entries(value).map(([name, one]) => {
        const head = `${pad}"${name}": `;
        return head + layOut(one, depth + 1, width - name.length - 4);
      });
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${inner.join(',\n')}\n${' '.repeat(depth)}${close}`;
}

function same(what, inCode, inWords) {
  const missing = inCode.filter((name) => !inWords.includes(name));
  const extra = inWords.filter((name) => !inCode.includes(name));
  if (missing.length > 0) throw new Error(`docs/generate/ubus-api says nothing of the ${what} ${missing}`);
  if (extra.length > 0)
    throw new Error(`docs/generate/ubus-api has words for a ${what} that is gone: ${extra}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, await ubusApi());
