'use strict';
'require baseclass';
'require turnpike.units as units';

// Bar charts in SVG. Colours are the theme's: see turnpike.css.

const width = 480;
const height = 180;
const edge = { left: 54, right: 6, top: 10, bottom: 22 };
const namespace = 'http://www.w3.org/2000/svg';

function shape(tag, attributes, children) {
  const node = document.createElementNS(namespace, tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  for (const child of children ?? []) node.append(child);
  return node;
}

/** The next of 1, 2, 2.5 and 5 times a power of ten: what a scale ends at. */
function roundUp(number) {
  if (number <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(number));
  return [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= number * 0.999999);
}

/** What the scale ends at; of what is counted its half, which has a line too, is a whole number. */
function topOf(most, whole) {
  return whole ? 2 * Math.ceil(roundUp(most) / 2) : roundUp(most);
}

function scale(top, format) {
  const lines = [];
  for (const share of [0, 0.5, 1]) {
    const y = edge.top + (height - edge.top - edge.bottom) * (1 - share);
    lines.push(shape('line', { class: 'grid', x1: edge.left, x2: width - edge.right, y1: y, y2: y }));
    const at = { x: edge.left - 6, y: y + 4, 'text-anchor': 'end' };
    lines.push(shape('text', at, [format(top * share)]));
  }
  return lines;
}

/** A stack of `values` over one step, and above it what tells its figures: to a pointer, a finger and the keyboard. */
function column({ values, label, tip }, at, step, top, named, told) {
  const room = height - edge.top - edge.bottom;
  const x = edge.left + at * step;
  const nodes = [];
  let base = height - edge.bottom;
  values.forEach((value, i) => {
    const tall = (Math.max(0, value) / top) * room;
    base -= tall;
    const box = { x: x + step * 0.12, y: base, width: step * 0.76, height: tall };
    if (tall > 0) nodes.push(shape('rect', { class: ['first', 'second'][i], ...box }));
  });
  if (named) {
    nodes.push(shape('text', { x: x + step / 2, y: height - 6, 'text-anchor': 'middle' }, [label]));
  }
  const area = { class: 'hit', x, y: edge.top, width: step, height: room };
  const hit = shape('rect', { ...area, role: 'img', 'aria-label': tip, tabindex: at === 0 ? 0 : -1 });
  for (const event of ['focus', 'pointerenter']) hit.addEventListener(event, () => told.replaceChildren(tip));
  nodes.push(hit);
  return nodes;
}

/** One stop for the tab key in each chart: the arrows go from bar to bar. */
function walk(event) {
  const all = Array.from(event.currentTarget.querySelectorAll('.hit'));
  const at = all.indexOf(event.target);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[event.key];
  if (at < 0 || !all[to]) return;
  event.preventDefault();
  all[at].setAttribute('tabindex', -1);
  all[to].setAttribute('tabindex', 0);
  all[to].focus();
}

/** The scale of what is counted in small amounts too: 0.0002 is not 0. */
function digits(value) {
  return value.toLocaleString(units.locale(), { maximumSignificantDigits: 3 });
}

return baseclass.extend({
  digits,
  topOf,

  /**
   * `bars`: `{ label, tip, values: [first, second?] }`; `format` writes a value at the scale, `legend` names the
   * values where there are two.
   */
  chart({ title, total, bars, format, legend, whole }) {
    const sums = bars.map(({ values }) => values.reduce((a, b) => a + Math.max(0, b), 0));
    const most = Math.max(0, ...sums);
    const top = topOf(most, whole);
    const step = (width - edge.left - edge.right) / bars.length;
    const every = Math.ceil(bars.length / 7);
    const summary = '%s: %s'.format(title, total);
    // What a bar says stands below the chart, for there is no pointer on a phone.
    const told = E('small', { class: 'turnpike-told' }, ['\u00a0']);
    const columns = bars.flatMap((bar, at) => column(bar, at, step, top, at % every === 0, told));
    const picture = { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': summary };
    const svg = shape('svg', picture, [...scale(top, format), ...columns]);
    svg.addEventListener('keydown', walk);
    return E('figure', { class: 'turnpike-chart' }, [
      E('figcaption', {}, [
        E('span', {}, [summary]),
        E(
          'span',
          { class: 'turnpike-legend' },
          (legend ?? []).flatMap((name, i) => [E('i', { class: ['first', 'second'][i] }), name])
        ),
      ]),
      svg,
      told,
    ]);
  },

  /** A table of parts of one sum, largest first; `rows`: `{ name, text, value }`. */
  parts({ heads, rows }) {
    const most = Math.max(...rows.map(({ value }) => value));
    const row = ({ name, text, value }) => {
      const width = most > 0 ? `${Math.max(0, (value / most) * 100)}%` : '0';
      return E('tr', {}, [
        E('th', { scope: 'row' }, [name]),
        E('td', {}, [E('div', { class: 'turnpike-share', 'aria-hidden': 'true', style: `width:${width}` })]),
        E('td', {}, [text]),
      ]);
    };
    const titles = [E('th', { scope: 'col' }, [heads[0]]), E('td'), E('th', { scope: 'col' }, [heads[1]])];
    const sorted = [...rows].sort((a, b) => b.value - a.value);
    return E('table', { class: 'table turnpike-parts' }, [
      E('tr', { class: 'tr' }, titles),
      ...sorted.map(row),
    ]);
  },
});
