// LuCI's pages in other languages: each catalogue is whole, and what the router reads of it is what is in it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

interface Catalogue {
  messagesOf(text: string): [message: string, translation: string][];
  compile(text: string): Buffer;
  hash(bytes: Buffer): number;
}

// A script of the packages' build, which is not translated with the tests.
const script = join(process.cwd(), 'luci-app/catalogue.mjs');
const { compile, hash, messagesOf } = (await import(script)) as Catalogue;

const folder = 'luci-app/po';
const languages = readdirSync(folder).filter((name) => name !== 'templates');
const template = messagesOf(readFileSync(`${folder}/templates/turnpike.pot`, 'utf8'));
const catalogue = (language: string) => readFileSync(`${folder}/${language}/turnpike.po`, 'utf8');
/** What a translation must keep: places for values, tags, entities. */
const kept = (text: string) => (text.match(/%(?:\d\$)?[a-z]|%%|<\/?[a-z]+|&[a-z]+;/g) ?? []).sort();

test('every sentence is there in every language, with its places for values', () => {
  const messages = template.slice(1).map(([message]) => message);
  for (const language of languages) {
    const [header, ...translated] = messagesOf(catalogue(language));
    assert.match(header![1], `Language: ${language}`);
    assert.equal(
      translated.map(([message]) => message),
      messages,
      language,
    );
    for (const [message, translation] of translated) {
      assert.ok(translation !== '', `${language}: ${message}`);
      assert.equal(kept(translation), kept(message), `${language}: ${translation}`);
    }
  }
});

test('a message has the hash that luci-base gives it', () => {
  // Printed by its own function, lmo.c `sfh_hash`.
  const known = { a: 0x115ea782, ab: 0x516b8b44, abc: 0xd2be198a, Save: 0x219966c7, Größe: 0xf057b2cf };
  for (const [message, number] of Object.entries(known)) assert.is(hash(Buffer.from(message)), number);
});

test('the router finds each translation behind the hash of its message', () => {
  for (const language of languages) {
    const bytes = compile(catalogue(language));
    const start = bytes.readUInt32BE(bytes.length - 4);
    const found = new Map<number, string>();
    let before = -1;
    for (let at = start; at < bytes.length - 4; at += 16) {
      const [key = 0, , offset = 0, length = 0] = [0, 4, 8, 12].map((word) => bytes.readUInt32BE(at + word));
      assert.ok(key > before, 'sorted, and no two messages with one hash');
      before = key;
      found.set(key, bytes.toString('utf8', offset, offset + length));
    }
    for (const [message, translation] of messagesOf(catalogue(language)).slice(1)) {
      // A word that is the same needs no translation.
      const expected = translation === message ? undefined : translation;
      assert.is(found.get(hash(Buffer.from(message))), expected, `${language}: ${message}`);
    }
  }
});

test.run();
