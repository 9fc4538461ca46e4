import type { WebSite } from '../ports/web.js';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text that a browser shows as it is, in an element or an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => entities[letter]!);
}

/** The one page: where to buy. It needs neither a script nor a second request. */
export function whereToBuy(text: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Internet access</title>
<style>body{font:1.1rem/1.5 sans-serif;max-width:30rem;margin:3rem auto;padding:0 1rem;overflow-wrap:anywhere}</style>
</head>
<body>
<h1>Internet access</h1>
<p>${escapeHtml(text)}</p>
</body>
</html>
`;
}

/** The page at every address. */
export function whereToBuySite(text: string): WebSite {
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  };
  const handle = () => ({ status: 200, headers, body: whereToBuy(text) });
  return { routes: [{ method: 'GET', path: '/*', handle }] };
}
