'use strict';
'require baseclass';

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

/** A stack of `values` over one step, and above it what tells its figures. */
function column({ values, label, tip }, at, step, top, named) {
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
  nodes.push(shape('rect', area, [shape('title', {}, [tip])]));
  return nodes;
}

/** The scale of what is counted in small amounts too: 0.0002 is not 0. */
function digits(value) {
  return value.toLocaleString(undefined, { maximumSignificantDigits: 3 });
}

return baseclass.extend({
  digits,

  /**
   * `bars`: `{ label, tip, values: [first, second?] }`; `format` writes a value at the scale, `legend` names the
   * values where there are two.
   */
  chart({ title, total, bars, format, legend, whole }) {
    const sums = bars.map(({ values }) => values.reduce((a, b) => a + Math.max(0, b), 0));
    const most = Math.max(0, ...sums);
    const top = whole ? Math.max(2, roundUp(most)) : roundUp(most);
    const step = (width - edge.left - edge.right) / bars.length;
    const every = Math.ceil(bars.length / 7);
    const summary = '%s: %s'.format(title, total);
    const columns = bars.flatMap((bar, at) => column(bar, at, step, top, at % every === 0));
    return E('figure', { class: 'turnpike-chart' }, [
      E('figcaption', {}, [
        E('span', {}, [summary]),
        E(
          'span',
          { class: 'turnpike-legend' },
          (legend ?? []).flatMap((name, i) => [E('i', { class: ['first', 'second'][i] }), name])
        ),
      ]),
      shape('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': summary }, [
        ...scale(top, format),
        ...columns,
      ]),
    ]);
  },
});
