import type { Device, Reply, WebRequest } from '../ports/web.js';
import { type Html, html, type Part } from './html.js';
import { languageNames } from './locales.js';
import type { PageConfig, Shop } from './shop.js';
import { hashOf, styleOf } from './style.js';
import type { Text } from './text.js';

/** One request for a page. */
export interface Visit {
  readonly request: WebRequest;
  readonly text: Text;
  readonly shop: Shop;
  readonly frame: Frame;
  /** Undefined where it cannot be told. */
  readonly device: Device | undefined;
  /** Where the customer wanted to go: an address of http or https. */
  readonly to?: string;
  /** The form that was sent; empty for a question. */
  readonly form: URLSearchParams;
}

/** A page without its frame. */
export interface Page {
  readonly title: string;
  readonly body: Part;
  /** It is fetched anew after that many seconds, where no script keeps it fresh. */
  readonly refresh?: number;
}

/** What stands around every page of a shop. */
export class Frame {
  readonly config: PageConfig;
  readonly #style: string;
  readonly #policy: string;

  constructor(config: PageConfig) {
    this.config = config;
    this.#style = styleOf(config.accent);
    this.#policy = [
      ...["default-src 'none'", `style-src ${hashOf(this.#style)}`, "script-src 'self'", "img-src 'self'"],
      ...["connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"],
    ].join('; ');
  }

  /** The reply with a page. */
  show(visit: Visit, page: Page, status = 200): Reply {
    const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': this.#policy };
    const { language } = visit.text;
    const more = { ...headers, 'Content-Language': language, Vary: 'Accept-Language' };
    return { status, headers: more, body: this.#whole(visit, page).html };
  }

  #whole(visit: Visit, { title, body, refresh }: Page): Html {
    const { text } = visit;
    const { name, logo, contact } = this.config;
    const shop = name ?? text.say('access');
    return html`<!DOCTYPE html>
<html lang="${text.language}" dir="${text.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title === shop ? shop : `${title} – ${shop}`}</title>
<style>${{ html: this.#style }}</style>
${refresh !== undefined && html`<noscript><meta http-equiv="refresh" content="${refresh}"></noscript>`}
<script src="/page.js" defer></script>
</head>
<body>
<header>${logo !== undefined && html`<img src="/logo" alt="">`}<a href="${link(visit, '/')}">${shop}</a></header>
<main>
<h1>${title}</h1>
${body}
</main>
<footer>
${contact !== undefined && html`<p>${text.say('questions')} <bdi>${contact}</bdi></p>`}
${this.#menu(visit)}
</footer>
</body>
</html>
`;
  }

  #menu(visit: Visit): Html | false {
    const { text, request } = visit;
    const { languages } = this.config;
    if (languages.length < 2) return false;
    // What was posted is not sent again, and what begins with // would lead to another site.
    const path = request.method === 'POST' || request.path.startsWith('//') ? '/' : request.path;
    const items = languages.map(
      (one) =>
        html`<li><a href="${link(visit, path, { lang: one })}" lang="${one}"${one === text.language && html` aria-current="true"`}>${languageNames[one]}</a></li>`,
    );
    return html`<nav aria-label="${text.say('language')}"><details><summary>${text.say('language')}: ${languageNames[text.language]}</summary><ul>${items}</ul></details></nav>`;
  }
}

/** An address of ours that keeps the language that was chosen, and the way back. */
export function link(
  { request, to }: Visit,
  path: string,
  more: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams(more);
  const lang = request.query.get('lang');
  if (lang !== null && !query.has('lang') && Object.hasOwn(languageNames, lang)) query.set('lang', lang);
  if (to !== undefined) query.set('to', to);
  return query.size === 0 ? path : `${path}?${query}`;
}

/** A form that changes something. Its address keeps language and way back. */
export function form(visit: Visit, action: string, body: Part): Html {
  return html`<form method="post" action="${link(visit, action)}" autocomplete="off">${body}</form>`;
}

export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}

export function button(label: string, isSecond = false): Html {
  return html`<button${isSecond && html` class="s"`}>${label}</button>`;
}

/** What went wrong, or has happened. Readers of screens hear it at once. */
export function notice(text: string | undefined, isError = false): Part {
  if (text === undefined) return undefined;
  return html`<p class="n${isError && ' e'}" role="${isError ? 'alert' : 'status'}">${text}</p>`;
}
