/** The page's only style, in the head: its hash stands in the Content-Security-Policy. */
export const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #57606a; --paper: #fff; --card: #f4f6f8; --bar: #1f6feb; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --dim: #9aa4af; --paper: #0d1117; --card: #161b22; --bar: #58a6ff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 75rem; padding: 1rem; font: 1rem/1.45 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
p { margin: .25rem 0; color: var(--dim); font-size: .875rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem; margin: 1rem 0; }
dl div, section { background: var(--card); border-radius: .5rem; padding: .75rem 1rem; min-width: 0; }
dt { color: var(--dim); font-size: .875rem; }
dd { margin: 0; font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; }
.pictures, .lists { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: .75rem;
  margin-bottom: .75rem; }
svg { display: block; width: 100%; height: auto; }
rect { fill: var(--bar); }
line { stroke: var(--dim); stroke-width: 1; }
.ends { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
summary { cursor: pointer; font-size: .875rem; padding: .5rem 0; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; }
th { text-align: left; font-weight: 400; overflow-wrap: anywhere; }
td { text-align: right; color: var(--dim); font-variant-numeric: tabular-nums; }
th, td { padding: .25rem 0; border-top: 1px solid color-mix(in srgb, var(--dim) 25%, transparent); }
`;
