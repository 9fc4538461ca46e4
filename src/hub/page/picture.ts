import { type Html, html } from './html.js';

/** A bar of a picture. */
export interface Bar {
  readonly day: string;
  /** From 0; how tall it is. */
  readonly size: number;
  /** What it says. */
  readonly label: string;
}

/** Of the picture, in its own units: it grows and shrinks with the page. */
const [width, height, gap] = [600, 150, 3];

/** A picture of days (SVG), with its numbers in a table below for those who cannot see it. */
export function picture(title: string, bars: readonly Bar[]): Html {
  const tallest = Math.max(...bars.map(({ size }) => size));
  const step = width / bars.length;
  const drawn = bars.map(({ day, size, label }, i) => {
    // A day with little in it is no empty day.
    const tall = size > 0 ? Math.max(2, (size / tallest) * height) : 0;
    const [x, y, wide] = [i * step, height - tall, step - gap].map((n) => n.toFixed(1));
    return html`<rect x="${x}" y="${y}" width="${wide}" height="${tall.toFixed(1)}"><title>${day}: ${label}</title></rect>`;
  });
  const rows = bars.map(({ day, label }) => html`<tr><th scope="row">${day}</th><td>${label}</td></tr>`);
  const most = bars.find(({ size }) => size === tallest);
  return html`<section><h2>${title}</h2>
<svg viewBox="0 0 ${width} ${height + 1}" role="img" aria-label="${title}, by day">${drawn}
<line x1="0" y1="${height + 0.5}" x2="${width}" y2="${height + 0.5}"/></svg>
<p class="ends"><span>${bars[0]?.day}</span><span>${bars.at(-1)?.day}</span></p>
<p>${tallest > 0 ? `Most: ${most?.label} on ${most?.day}` : 'Nothing yet'}</p>
<details><summary>Numbers</summary><table>${rows}</table></details></section>`;
}
