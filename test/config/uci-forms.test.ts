// Corners of UCI files: what OpenWrt's own uci reads of each, as its `uci export` printed it once.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUci } from '../../src/config/uci.js';
import { contentOf, isStricter, type Section } from './uci-content.js';

/** A file, and what uci finds in it; null where it refuses the file. */
type Form = readonly [text: string, content: readonly Section[] | null];

const forms = JSON.parse(readFileSync('test/fixtures/uci/forms.json', 'utf8')) as readonly Form[];

test('a file says to turnpike what it says to uci, and one that uci refuses is refused', () => {
  for (const [text, content] of forms) {
    const { sections, faults } = parseUci(text);
    if (content === null) assert.ok(faults.length > 0, `uci refuses ${JSON.stringify(text)}`);
    else if (!faults.some(isStricter)) {
      assert.equal(faults, [], JSON.stringify(text));
      assert.equal(contentOf(sections), content, JSON.stringify(text));
    }
  }
});

test('an option without a value, and a NUL, are told where uci says nothing', () => {
  const stricter = forms.filter(([text]) => parseUci(text).faults.some(isStricter));
  const silent = stricter.filter(([, content]) => content !== null).map(([text]) => text);
  assert.ok(silent.includes('config a x\n\toption b\n\toption c 1\n'));
  assert.ok(silent.includes('config a x\n\toption o 1\n\0\n\toption p 2\n'));
  for (const text of silent) assert.match(text, /\0|(option|list) \w+ ?(;|\\?$|\n|\\\n$)/m);
});

test('a fault says its line, and which section lacks something', () => {
  const faultsOf = (text: string) =>
    parseUci(text).faults.map(({ line, section }) => [line, section?.name ?? null]);
  assert.equal(faultsOf("config a x\n\toption o 'a\n\n"), [[2, 'x']]);
  assert.equal(faultsOf('config a x\n\toption o 1 2\nconfig a y\n'), [[2, 'x']]);
  assert.equal(faultsOf('\ufeffconfig a x\n'), [[1, null]]);
  assert.equal(faultsOf('config a x\nconfig a y z w\n\toption o 1\nconfig b x\n'), [
    [2, null],
    [4, 'x'],
  ]);
});

test.run();
