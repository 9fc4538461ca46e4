// Which test files a word of the command line means.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Every test file below `test`, as `store/journal.test.ts`. */
function testFiles(test) {
  return readdirSync(test, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.test.ts'))
    .sort();
}

/** How a file is called: `store/journal`. */
const nameOf = (file) => file.replace(/\.test\.ts$/, '');

/** `test/store/journal.test.ts`, `src/store/journal.ts` and `./store/journal` are all `store/journal`. */
function nameIn(word) {
  return word
    .replace(/^\.\//, '')
    .replace(/^(test|src)\//, '')
    .replace(/^packages\/([^/]+)(\/src)?/, '$1')
    .replace(/(\.test)?\.(ts|js|sol)$/, '')
    .replace(/\/$/, '')
    .replace(/(?<=[a-z0-9])[A-Z]/g, '-$&')
    .toLowerCase();
}

/** The file of that name and what is in the folder of that name; where there is neither, what has the word in its path. */
function matching(word, files) {
  const name = nameIn(word);
  const exact = files.filter((file) => nameOf(file) === name || file.startsWith(`${name}/`));
  return exact.length > 0 ? exact : files.filter((file) => file.includes(name));
}

/** By how many letters two words differ (Levenshtein). */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/** The names that are most like the word, whole or by their last part. */
function nearest(word, files) {
  const name = nameIn(word);
  const last = (path) => path.split('/').at(-1);
  const far = (file) =>
    Math.min(distance(name, nameOf(file)), distance(last(name), last(nameOf(file))) + 0.5);
  return [...files]
    .sort((a, b) => far(a) - far(b))
    .slice(0, 4)
    .map(nameOf);
}

/** For a source file that no test is named after: the tests that import it, or those of its folder. */
function aboutSource(word, files, test) {
  const name = nameIn(word);
  const isSource = ['src', 'packages', '.'].some((root) => existsSync(join(test, '..', root, `${name}.ts`)));
  if (!isSource) return undefined;
  const importing = files.filter((f) => readFileSync(join(test, f), 'utf8').includes(`/${name}.js'`));
  if (importing.length > 0) return `these import it: ${importing.map(nameOf).join(', ')}`;
  const beside = files.filter((file) => dirname(file) === dirname(name));
  return beside.length > 0 ? `these are in its folder: ${beside.map(nameOf).join(', ')}` : undefined;
}

function complaint(word, files, others, test) {
  const elsewhere = matching(word, others).map(nameOf);
  if (elsewhere.length > 0) {
    const command = elsewhere[0].startsWith('system/') ? 'npm run test:system' : 'npm test';
    return `no test here is called ${word}: ${command} -- ${word} runs ${elsewhere.join(', ')}`;
  }
  const hint = aboutSource(word, files, test) ?? `the nearest are ${nearest(word, files).join(', ')}`;
  return `no test is called ${word}, nor has that in its path: ${hint}`;
}

/**
 * The test files that the words mean, all of them when there is no word; or what to say of a word that means none.
 *
 * @param system whether those of the whole system are meant, or the others
 */
export function select(words, system, test) {
  const all = testFiles(test);
  const isSystem = (file) => file.startsWith('system/');
  const [files, others] = [
    all.filter((f) => isSystem(f) === system),
    all.filter((f) => isSystem(f) !== system),
  ];
  if (words.length === 0) return { files };
  const meant = words.map((word) => {
    const found = system ? matching(`system/${nameIn(word)}`, files) : [];
    return found.length > 0 ? found : matching(word, files);
  });
  const unknown = words.filter((_, i) => meant[i].length === 0);
  if (unknown.length > 0)
    return { complaint: unknown.map((word) => complaint(word, files, others, test)).join('\n') };
  return { files: files.filter((file) => meant.flat().includes(file)) };
}
