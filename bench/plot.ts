// Line plots on logarithmic axes as SVG, for light and dark pages alike.

export interface Series {
  readonly name: string;
  /** Ascending in x; both above 0. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
}

const width = 720;
const height = 420;
const left = 104;
const right = 170;
const top = 48;
const bottom = 58;
/** Told apart on white and on black, and by those who do not see red and green apart (Okabe and Ito). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];

const style = `
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 16px; font-weight: 600; }
  .grid { stroke: #8c959f; stroke-opacity: .3; }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }`;

/** Draws a plot. */
export function drawPlot({ title, xLabel, yLabel, series }: Plot): string {
  const all = series.flatMap((s) => s.points);
  const x = scaleOf(
    all.map((p) => p[0]),
    left,
    width - right,
  );
  const y = scaleOf(
    all.map((p) => p[1]),
    height - bottom,
    top,
  );
  const middle = (top + height - bottom) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}\n</style>`,
    text(left, 26, title, 'start', 'title'),
    ...x.ticks.flatMap((tick) => [
      rule(x.at(tick), top, x.at(tick), height - bottom),
      text(x.at(tick), height - bottom + 20, short(tick), 'middle'),
    ]),
    ...y.ticks.flatMap((tick) => [
      rule(left, y.at(tick), width - right, y.at(tick)),
      text(left - 8, y.at(tick) + 4, short(tick), 'end'),
    ]),
    text((left + width - right) / 2, height - 14, xLabel, 'middle'),
    `<g transform="rotate(-90 20 ${middle})">${text(20, middle, yLabel, 'middle')}</g>`,
    ...series.map((s, i) => curve(s, colours[i % colours.length]!, x.at, y.at)),
    ...labels(series, y.at),
    '</svg>\n',
  ].join('\n');
}

interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** From the power of ten below the least value to the one above the largest. */
function scaleOf(values: readonly number[], from: number, to: number): Scale {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return {
    at: (value) => Number((from + ((Math.log10(value) - first) / (last - first)) * (to - from)).toFixed(1)),
    ticks: Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i)),
  };
}

function curve({ points }: Series, colour: string, x: Scale['at'], y: Scale['at']): string {
  const path = points.map(([px, py]) => `${x(px)},${y(py)}`).join(' ');
  const dots = points.map(([px, py]) => `<circle cx="${x(px)}" cy="${y(py)}" r="3.5" fill="${colour}"/>`);
  return `<polyline class="line" stroke="${colour}" points="${path}"/>${dots.join('')}`;
}

/** Names at the ends of their lines, kept apart. */
function labels(series: readonly Series[], y: Scale['at']): string[] {
  const ends = series
    .map(({ name, points }, i) => ({ name, at: y(points.at(-1)![1]), colour: colours[i % colours.length]! }))
    .sort((a, b) => a.at - b.at);
  let lowest = 0;
  return ends.map(({ name, at, colour }) => {
    lowest = Math.max(at, lowest + 18);
    const mark = `<circle cx="${width - right + 16}" cy="${lowest}" r="4" fill="${colour}"/>`;
    return mark + text(width - right + 26, lowest + 4, name, 'start');
  });
}

function rule(x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="grid" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

function text(x: number, y: number, content: string, anchor: string, kind = ''): string {
  const classes = kind ? ` class="${kind}"` : '';
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${classes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function short(tick: number): string {
  return tick < 1 ? String(Number(tick.toPrecision(1))) : tick.toLocaleString('en-US');
}
