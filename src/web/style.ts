import { createHash } from 'node:crypto';

/** Around what can be touched: 3 to 1 or more on light and dark ground. */
const edge = '#77808a';

/**
 * The look of every page: light and dark, from 320 px on, from either side. Colours have a contrast of 4.5 or more;
 * what can be touched is 44 px high, and looks so in browsers without custom properties, too.
 * @param accent of buttons, as `#rrggbb`
 */
export function styleOf(accent: string): string {
  return (
    ':root{color-scheme:light dark;--b:#fff;--t:#16191d;--m:#4d5660;--l:#d5dae0;--c:#f4f6f8;--e:#a11212}' +
    '@media(prefers-color-scheme:dark){:root{--b:#101317;--t:#eef1f4;--m:#aab4bf;--l:#39424c;--c:#1a1f25;--e:#ff9a92}}' +
    '*{box-sizing:border-box}' +
    'body{font:1.0625rem/1.5 system-ui,sans-serif;margin:0;background:var(--b);color:var(--t);overflow-wrap:anywhere}' +
    'header,main,footer{max-width:36rem;margin:0 auto;padding:1rem}' +
    'header{display:flex;gap:.75rem;align-items:center;border-bottom:1px solid var(--l)}' +
    'header img{height:2.5rem;width:auto;max-width:40%}header a{color:inherit;font-weight:600;text-decoration:none}' +
    'h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 1rem}h2,h3{font-size:1.15rem;margin:0 0 .5rem}' +
    'a{color:inherit}p{margin:.5rem 0}.m{color:var(--m)}' +
    '.c{background:var(--c);border:1px solid var(--l);border-radius:.75rem;padding:1rem;margin:0 0 1rem}' +
    `.n{border-inline-start:.3rem solid ${accent};padding:.5rem .75rem;margin:0 0 1rem;background:var(--c)}` +
    '.e{border-color:var(--e);color:var(--e);font-weight:600}' +
    '.b,button{display:block;width:100%;min-height:2.75rem;padding:.6rem 1rem;margin:.75rem 0 0;border:0;' +
    `border-radius:.6rem;background:${accent};color:${inkOn(accent)};font:inherit;font-weight:600;text-align:center;` +
    'text-decoration:none;cursor:pointer}' +
    `.s{background:none;color:inherit;border:1px solid ${edge}}` +
    'label{display:block;margin:.5rem 0 .25rem}' +
    `input,textarea{width:100%;min-height:2.75rem;padding:.5rem .75rem;border:1px solid ${edge};border-radius:.6rem;` +
    'background:var(--b);color:inherit;font:inherit}' +
    '.k{font:600 1.6rem/1.3 ui-monospace,monospace;letter-spacing:.08em;margin:.5rem 0}' +
    '.q{display:block;width:100%;max-width:20rem;margin:.75rem auto}' +
    `progress{width:100%;height:.75rem;accent-color:${accent}}` +
    'dl{display:grid;grid-template-columns:auto minmax(40%,1fr);gap:.25rem 1rem;margin:.5rem 0}dt{color:var(--m)}' +
    'dd{margin:0;text-align:end}' +
    ':focus-visible{outline:3px solid var(--t);outline-offset:2px}' +
    'summary{cursor:pointer;min-height:2.75rem;padding:.6rem 0}nav ul{list-style:none;padding:0;margin:0}' +
    'nav li a{display:block;padding:.6rem 0;min-height:2.75rem}pre{white-space:pre-wrap;font:inherit}' +
    'footer{color:var(--m);border-top:1px solid var(--l)}'
  );
}

/** As `style-src` and `script-src` name an inline text. */
export function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Black or white, whichever is read better on a colour (WCAG 2.2, relative luminance): at least 4.58 to 1. */
export function inkOn(colour: string): '#000' | '#fff' {
  const [r, g, b] = [1, 3, 5].map((at) => linear(Number.parseInt(colour.slice(at, at + 2), 16) / 255));
  const luminance = 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  return luminance > 0.179 ? '#000' : '#fff';
}

function linear(part: number): number {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}
