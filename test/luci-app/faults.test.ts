// What the daemon finds wrong with the configuration, in words of the pages.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { faultCodes } from '../../src/config/fault.js';
import { warningCodes } from '../../src/config/warnings.js';
import { evaluate } from './evaluate.js';

interface Fault {
  readonly file?: string;
  readonly line?: number;
  readonly section?: string;
  readonly option?: string;
  readonly code: string;
  readonly message: string;
}
interface Words {
  readonly sentences: Readonly<Record<string, string>>;
  readonly warnings: Readonly<Record<string, string>>;
  wordsOf(fault: Fault): string;
  textOf(fault: Fault): string;
  warningOf(warning: { code: string; name: string; message: string }): string;
}

const isolated = (text: string) => `<${text}>`;

/** The words of a page in a language. */
function wordsIn(lang: string): Words {
  Object.assign(globalThis, { document: { documentElement: { lang } } });
  return evaluate('turnpike/faults.js', { 'turnpike.units': { isolated } }) as Words;
}

test('each code of a fault and of a warning has a sentence', () => {
  const { sentences, warnings } = wordsIn('de');
  assert.equal(Object.keys(sentences), [...faultCodes]);
  assert.equal(Object.keys(warnings), [...warningCodes]);
});

test('who reads another language has a sentence before what the daemon says', () => {
  const fault = { code: 'bad_value', message: "'5 MBB' is not an amount of data" };
  assert.is(wordsIn('de').wordsOf(fault), `This value cannot be used. (<${fault.message}>)`);
  for (const english of ['en', 'en-gb', '']) assert.is(wordsIn(english).wordsOf(fault), fault.message);
});

test('what has no code of ours keeps its text', () => {
  const { wordsOf, warningOf } = wordsIn('de');
  assert.is(wordsOf({ code: 'of_later', message: 'is too blue' }), 'is too blue');
  assert.is(warningOf({ code: 'of_later', name: 'x', message: 'is too blue' }), 'is too blue');
  assert.is(warningOf({ code: 'nobody_pays', name: 'day', message: '' }), 'Nobody can pay for the plan day.');
});

test('a fault says where it is', () => {
  const fault = {
    file: 'turnpike',
    line: 7,
    section: "plan 'day'",
    option: 'step',
    code: 'bad_value',
    message: 'm',
  };
  assert.is(wordsIn('en').textOf(fault), "turnpike:7: plan 'day': step: m");
  assert.is(wordsIn('en').textOf({ ...fault, line: 0, code: 'missing' }), "turnpike: plan 'day': m");
});

test.run();
