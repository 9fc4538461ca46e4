'use strict';
'require baseclass';
'require turnpike.codewords as codewords';

// QR codes (ISO/IEC 18004): where the bytes go, and the picture.

/** Where the small squares stand, on both axes. */
function places(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2;
  const rest = Array.from({ length: count - 1 }, (_item, at) => version * 4 + 10 - at * step);
  return [6, ...rest.reverse()];
}

/** `value` with the remainder of its division by `divisor` behind it, as formats and versions are kept. */
function guarded(value, divisor, bits) {
  let rest = value;
  for (let turn = 0; turn < bits; turn++) rest = (rest << 1) ^ ((rest >> (bits - 1)) * divisor);
  return (value << bits) | rest;
}

/** What is the same in every code of a version: `fixed` names the modules that hold no data. */
function frame(version) {
  const size = version * 4 + 17;
  const dark = Array.from({ length: size }, () => new Array(size).fill(false));
  const fixed = Array.from({ length: size }, () => new Array(size).fill(false));
  const set = (x, y, on) => {
    if (!(x >= 0 && y >= 0 && x < size && y < size)) return;
    dark[y][x] = Boolean(on);
    fixed[y][x] = true;
  };
  const square = (x, y, reach, light) => {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  };
  for (let at = 0; at < size; at++) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  const centres = places(version);
  const last = size - 7;
  for (const x of centres) {
    for (const y of centres) {
      const inCorner = (x === 6 && (y === 6 || y === last)) || (x === last && y === 6);
      if (!inCorner) square(x, y, 2, [1]);
    }
  }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ]) {
    square(x, y, 4, [2, 4]);
  }
  const bits = version >= 7 ? guarded(version, 0x1f25, 12) : 0;
  for (let at = 0; version >= 7 && at < 18; at++) {
    const [a, b] = [size - 11 + (at % 3), Math.floor(at / 3)];
    set(a, b, (bits >> at) & 1);
    set(b, a, (bits >> at) & 1);
  }
  return { size, dark, fixed, set };
}

/** Where the fifteen bits of the format go, in both copies: level M is 0. */
function setFormat({ size, set }, mask) {
  const bits = guarded(mask, 0x537, 10) ^ 0x5412;
  for (let at = 0; at < 15; at++) {
    const on = (bits >> at) & 1;
    const along = at < 6 ? at : at < 8 ? at + 1 : size - 15 + at;
    const across = at < 8 ? size - 1 - at : at === 8 ? 7 : 14 - at;
    set(8, along, on);
    set(across, 8, on);
  }
  set(8, size - 8, true);
}

/** Which modules a mask turns over. */
const masks = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** Lays the bits of the bytes in pairs of columns, upwards and downwards, from the right to the left. */
function lay(bytes, { size, dark, fixed }, mask) {
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    const upwards = ((right + 1) & 2) === 0;
    for (let step = 0; step < size * 2; step++) {
      const [x, turn] = [right - (step % 2), step >> 1];
      const y = upwards ? size - 1 - turn : turn;
      if (fixed[y][x]) continue;
      const on = ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
      dark[y][x] = Boolean(on) !== masks[mask](x, y);
      at += 1;
    }
  }
}

/** How hard a code is to read: long runs, squares, what looks like a corner, and too much of one colour. */
function penalty(dark) {
  const size = dark.length;
  const text = (row) => row.map((on) => (on ? '1' : '0')).join('');
  const lines = dark.flatMap((row, at) => [text(row), text(dark.map((other) => other[at]))]);
  let points = 0;
  for (const line of lines) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) points += run.length - 2;
    points += 40 * Array.from(line.matchAll(/(?=00001011101|10111010000)/g)).length;
  }
  for (let y = 1; y < size; y++) {
    for (let x = 1; x < size; x++) {
      const one = dark[y][x];
      if (one === dark[y][x - 1] && one === dark[y - 1][x] && one === dark[y - 1][x - 1]) points += 3;
    }
  }
  const share = dark.flat().filter(Boolean).length / (size * size);
  return points + 10 * Math.floor(Math.abs(share - 0.5) * 20);
}

/** The rows of a code: true is dark. @throws when the text is too long for one. */
function modules(text) {
  const bytes = new TextEncoder().encode(text);
  const version = codewords.versionFor(bytes.length);
  const all = codewords.of(bytes, version);
  const drawn = masks.map((_mask, at) => {
    const code = frame(version);
    setFormat(code, at);
    lay(all, code, at);
    return { dark: code.dark, points: penalty(code.dark) };
  });
  return drawn.reduce((best, one) => (one.points < best.points ? one : best)).dark;
}

/** A picture of the code with its quiet edge of four modules; `label` is what it says to those who do not see it. */
function draw(text, label) {
  const rows = modules(text);
  const wide = rows.length + 8;
  const make = (tag, attributes) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    return node;
  };
  const squares = rows.flatMap((row, y) => row.map((on, x) => (on ? `M${x + 4},${y + 4}h1v1h-1z` : '')));
  const picture = make('svg', { class: 'turnpike-qr', viewBox: `0 0 ${wide} ${wide}`, role: 'img' });
  picture.setAttribute('aria-label', label);
  picture.append(
    make('rect', { width: wide, height: wide, fill: '#fff' }),
    make('path', { d: squares.join(''), fill: '#000', 'shape-rendering': 'crispEdges' })
  );
  return picture;
}

return baseclass.extend({ modules, draw });
