'use strict';
'require baseclass';

// Files that spreadsheets open.

// On lines of their own, for LuCI's minifier takes a quote inside of an expression for the start of a string.
const special = /[",\r\n]/;
const quotes = /"/g;
/** Marks of the direction of text, which are for people alone. */
const isolates = /[\u2066-\u2069]/g;
/** What is given back is less than nothing, and a number all the same. */
const number = /^-\d+(?:\.\d+)?$/;

/** One field (RFC 4180); what a spreadsheet would run as a formula is made text. */
function field(given) {
  // First: what stands behind a mark is not seen as a formula, and is one without it.
  const value = typeof given === 'string' ? given.replace(isolates, '') : given;
  const runs = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) && !number.test(value);
  const text = runs ? `'${value}` : String(value ?? '');
  return special.test(text) ? `"${text.replace(quotes, '""')}"` : text;
}

function text(rows) {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

return baseclass.extend({
  text,

  /** Hands the rows to the browser as a file. */
  download(name, rows) {
    const url = URL.createObjectURL(new Blob(['\ufeff', text(rows)], { type: 'text/csv;charset=utf-8' }));
    const link = E('a', { href: url, download: name });
    document.body.appendChild(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(url), 10000);
  },
});
