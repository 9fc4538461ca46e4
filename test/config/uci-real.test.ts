// OpenWrt's own uci beside turnpike's reader, on files that are drawn: UCI=FILE, or uci on the path. PROPERTY_SEED draws others.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUci } from '../../src/config/uci.js';
import { type Random, seeded, whole } from '../rig/random.js';
import { contentOf, exported, isStricter } from './uci-content.js';

const program = process.env.UCI ?? 'uci';
const files = Number(process.env.RUNS ?? 1000);

const keywords = ['option', 'option', 'list', 'config', 'c', 'o', 'l'];
const oddKeywords = ["'option'", 'package', 'x', 'options', '#', ';'];
const names = ['a', 'b', 'x', 'y', "'a'", '"b"'];
const oddNames = ['a-b', "'a b'", "''", 'ü', 'a.b'];
const values = [
  '1',
  "'a b'",
  '"c d"',
  "''",
  '""',
  "it\\'s",
  'a\\ b',
  "a'b'c",
  'ü',
  "'x\ny'",
  '"\\""',
  'a\\\nb',
];
const joints = [' ', ' ', ' ', '\t', '  ', '\v '];
const ends = [
  '\r\n',
  ';\n',
  ' ; ',
  "';",
  ';;\n',
  ' # c\n',
  '#c\n',
  '\n\n',
  " '\n",
  '"\n',
  '\\\n',
  '\u00a0\n',
  ' z\n',
];

/** What a finger, an editor or a broken transfer puts into a file, or leaves out of it. */
const slips = ["'", '"', '\\', ' ', ';', ';;;', '#', '\n', '\r', '\t', '\v', '\f', '\0', '=', '.', '-'];
const strange = [
  '\ufeff',
  '\u00a0',
  '\u200b',
  '\u2019',
  'é',
  'config',
  'option a',
  'package p\n',
  '\n\n',
  'z'.repeat(5000),
];

/** A file that was drawn, with up to three slips anywhere. */
function slipped(random: Random): string {
  let text = draw(random);
  for (let more = whole(random, 0, 3); more > 0; more -= 1) {
    const at = whole(random, 0, text.length);
    const from = whole(random, 0, 3) === 0 ? strange : slips;
    const put = whole(random, 0, 3) === 0 ? '' : from[whole(random, 0, from.length - 1)]!;
    text = text.slice(0, at) + put + text.slice(at + (put === '' ? 1 : 0));
  }
  return text;
}

/** Some lines that mostly mean something, and in between what a finger slips to. */
function draw(random: Random): string {
  const one = (from: readonly string[]) => from[whole(random, 0, from.length - 1)]!;
  const isOdd = () => whole(random, 0, 24) === 0;
  let text = isOdd() ? '\ufeff' : "config a 'x'\n";
  for (let lines = whole(random, 0, 6); lines > 0; lines -= 1) {
    const keyword = one(isOdd() ? oddKeywords : keywords);
    const second = keyword.startsWith('c') ? names : values;
    text += one(['', '\t', ' ']) + keyword + one([' ', '\t']) + one(isOdd() ? oddNames : names);
    if (!isOdd()) text += one(joints) + one(second);
    text += whole(random, 0, 9) === 0 ? one(ends) : '\n';
  }
  return text;
}

const isHere = spawnSync(program, ['-h'], { stdio: 'ignore' }).error === undefined;
if (!isHere) console.log('  SKIPPED: OpenWrt’s uci, which is not here (UCI=FILE names it)');

/** What uci exports of each file; those that it refuses are not there. */
function exportAll(folder: string): Map<string, string> {
  const args = ['-c', folder, '-P', join(folder, 'changes'), 'export'];
  const { stdout } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1e8 });
  const parts = stdout.split(/^(?=package f\d+$)/m);
  return new Map(parts.map((part) => [/^package (f\d+)/.exec(part)?.[1] ?? '', part]));
}

test(`${files} files that are drawn say the same to turnpike and to uci`, () => {
  if (!isHere) return;
  const folder = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const random = seeded(Number(process.env.PROPERTY_SEED ?? 1));
  const texts = Array.from({ length: files }, () => slipped(random));
  let taken = 0;
  try {
    for (const [n, text] of texts.entries()) writeFileSync(join(folder, `f${n}`), text);
    const found = exportAll(folder);
    texts.forEach((text, n) => {
      const { sections, faults } = parseUci(text);
      const content = found.get(`f${n}`);
      if (content === undefined) assert.ok(faults.length > 0, `uci refuses ${JSON.stringify(text)}`);
      else if (!faults.some(isStricter)) {
        taken += 1;
        assert.equal(faults, [], JSON.stringify(text));
        assert.equal(contentOf(sections), exported(content), JSON.stringify(text));
      }
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.ok(taken > files / 10, `${taken} were taken by both`);
});

test.run();
