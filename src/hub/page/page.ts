import { createHash } from 'node:crypto';
import { printable } from '../../collector/printable.js';
import { formatAmount, type Money } from '../../domain/money.js';
import type { Standing } from '../presence.js';
import { daysShown, type Fleet, totalOf } from './fleet.js';
import { Html, html } from './html.js';
import { picture } from './picture.js';
import { style } from './style.js';

/** Routers in one list. */
const listed = 20;

/** What the page is made of. */
export interface PageParts {
  readonly fleet: Fleet;
  readonly isConnected: boolean;
  readonly routers: ReadonlyMap<string, Standing>;
  /** ms since 1970. */
  readonly now: number;
}

/** Nothing is loaded, run, framed or sent from the page; its style is known by its hash. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The fleet's state as a page, which needs no script. */
export function fleetPage({ fleet, isConnected, routers, now }: PageParts): string {
  const away = [...routers].filter(([, { isOnline }]) => !isOnline).sort(([, a], [, b]) => a.since - b.since);
  const { days, gaps, waiting, dead } = fleet;
  const today = days.at(-1)!;
  const currencies = [...totalOf(days).keys()].sort();
  const facts: readonly (readonly [string, unknown])[] = [
    [
      'Routers online',
      isConnected
        ? `${routers.size - away.length} of ${routers.size}`
        : 'unknown: the hub is not at its broker',
    ],
    ['Paid today', moneyText(today.paid)],
    [`Paid in ${daysShown} days`, moneyText(totalOf(days))],
    ['Data today', bytesText(today.bytes)],
    ['Webhooks that are dead', dead],
  ];
  const revenue = currencies.map((currency) =>
    picture(
      `Paid, ${currency}`,
      days.map(({ day, paid }) => {
        const money = paid.get(currency);
        const text = money ? formatAmount(money) : '0';
        return { day, size: Number(text), label: `${text} ${currency}` };
      }),
    ),
  );
  const bars = days.map(({ day, bytes }) => ({ day, size: Number(bytes), label: bytesText(bytes) }));
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="60"><title>turnpike: the fleet</title><style>${new Html(style)}</style></head>
<body><header><h1>The fleet</h1><p>${timeText(fleet.at)}; days are UTC</p></header>
<main><dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<div class="pictures">${revenue}${picture('Data', bars)}</div>
<div class="lists">${[
    list(
      'Away',
      away.length,
      away.map(([router, { since }]) => [router, `since ${timeText(since)}, ${spanText(now - since)}`]),
    ),
    list(
      'Messages are missing',
      gaps.length,
      gaps.map(([router, n]) => [router, n]),
    ),
    list(
      'Orders wait',
      waiting.length,
      waiting.map(([router, n]) => [router, n]),
    ),
  ]}</div></main></body></html>
`.text;
}

function list(title: string, count: number, rows: readonly (readonly [string, unknown])[]): Html {
  const shown = rows
    .slice(0, listed)
    .map(([router, says]) => html`<tr><th scope="row">${printable(router)}</th><td>${says}</td></tr>`);
  const more = count > listed ? html`<p>and ${count - listed} more: GET /routers</p>` : '';
  const table = count > 0 ? html`<table>${shown}</table>` : html`<p>none</p>`;
  return html`<section><h2>${title}</h2>${table}${more}</section>`;
}

function moneyText(sums: ReadonlyMap<string, Money>): string {
  return [...sums.values()].map((money) => `${formatAmount(money)} ${money.currency}`).join(', ') || '0';
}

/** Decimal units, as plans are sold. */
export function bytesText(bytes: bigint): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let [size, unit] = [Number(bytes), 0];
  for (; size >= 999.5 && unit < units.length - 1; unit += 1) size /= 1000;
  return `${unit === 0 || size >= 99.5 ? size.toFixed(0) : size.toPrecision(2)} ${units[unit]}`;
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function spanText(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} days`;
}
