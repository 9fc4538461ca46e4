// Turns a gettext catalogue into what LuCI reads on the router (luci-base, src/po2lmo.c and src/lib/lmo.c).
// LuCI's own build does the same; this is for packages without an SDK.

/** Octets of an entry of the index: hash of the message, plural forms, offset and length of its translation. */
const entrySize = 16;

/**
 * The messages of a catalogue without contexts and plurals, of which the pages have none.
 * @returns pairs of message and translation, the header first
 * @throws on a line that is none of gettext's
 */
export function messagesOf(text) {
  const messages = [];
  let part;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, word, quoted] = /^(?:(msgid|msgstr) )?"(.*)"$/.exec(line) ?? [];
    if (quoted === undefined) throw new Error(`not a line of a catalogue: ${line}`);
    if (word === 'msgid') messages.push({ msgid: '', msgstr: '' });
    part = word ?? part;
    messages.at(-1)[part] += quoted.replace(/\\(["\\])/g, '$1');
  }
  return messages.map(({ msgid, msgstr }) => [msgid, msgstr]);
}

/** The translations, each filled to four octets, and the index of their messages' hashes behind them. */
export function compile(text) {
  const values = [];
  const index = [];
  let offset = 0;
  for (const [message, translation] of messagesOf(text)) {
    if (message === '' || translation === '' || translation === message) continue;
    const value = Buffer.from(translation);
    index.push([hash(Buffer.from(message)), 1, offset, value.length]);
    values.push(value, Buffer.alloc(-value.length & 3));
    offset += value.length + (-value.length & 3);
  }
  index.sort(([a], [b]) => a - b);
  const tail = Buffer.alloc(index.length * entrySize + 4);
  for (const [at, number] of [...index.flat(), offset].entries()) tail.writeUInt32BE(number, at * 4);
  return Buffer.concat([...values, tail]);
}

/** The hash by which LuCI finds a message: SuperFastHash with the length as its seed (lmo.c, `sfh_hash`). */
export function hash(bytes) {
  let sum = bytes.length;
  if (sum === 0) return 0;
  const rest = bytes.length & 3;
  const whole = bytes.length - rest;
  for (let at = 0; at < whole; at += 4) {
    sum = (sum + bytes.readUInt16LE(at)) | 0;
    sum = (sum << 16) ^ ((bytes.readUInt16LE(at + 2) << 11) ^ sum);
    sum = (sum + (sum >>> 11)) | 0;
  }
  if (rest === 3) {
    sum = (sum + bytes.readUInt16LE(whole)) | 0;
    sum ^= sum << 16;
    sum ^= bytes.readInt8(whole + 2) << 18;
    sum = (sum + (sum >>> 11)) | 0;
  } else if (rest === 2) {
    sum = (sum + bytes.readUInt16LE(whole)) | 0;
    sum ^= sum << 11;
    sum = (sum + (sum >>> 17)) | 0;
  } else if (rest === 1) {
    sum = (sum + bytes.readInt8(whole)) | 0;
    sum ^= sum << 10;
    sum = (sum + (sum >>> 1)) | 0;
  }
  for (const [left, right] of [
    [3, 5],
    [4, 17],
    [25, 6],
  ]) {
    sum ^= sum << left;
    sum = (sum + (sum >>> right)) | 0;
  }
  return sum >>> 0;
}
