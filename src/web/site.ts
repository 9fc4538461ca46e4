import { isUsable, type Session } from '../domain/session.js';
import type { Device, Reply, Route, WebRequest, WebSite } from '../ports/web.js';
import { captiveRoute } from './captive.js';
import { buy, carry, leave, login, order, redeem, takeOver } from './desk.js';
import { html } from './html.js';
import { Frame, link, notice, type Page, type Visit } from './layout.js';
import { languageFor, textIn } from './locales.js';
import { OwnerFiles } from './owner-files.js';
import { carriedPage, carryPage } from './pages/carry.js';
import { orderNumbers, orderPage } from './pages/order.js';
import { planPage, pricesPage } from './pages/prices.js';
import { returnedTo } from './pages/returned.js';
import { hasLeft, leavePage, leftPage, statusNumbers, statusPage } from './pages/status.js';
import { loginPage, voucherPage } from './pages/ways-in.js';
import { script } from './script.js';
import type { PageConfig, Shop } from './shop.js';
import { wayBack } from './way-back.js';

/** A page by what was asked, and by the newest session of the device. */
type Show = (visit: Visit, last: Session | undefined) => Page | Reply | Promise<Page | Reply>;

/** The customers' pages, and the API by which phones know how they stand. */
export function pagesSite(config: PageConfig, shop: Shop): WebSite {
  const frame = new Frame(config);
  const files = new OwnerFiles((level, line) => shop.log(level, line));
  const shown = (method: 'GET' | 'POST', path: string, show: Show): Route => ({
    ...{ method, path },
    async handle(request) {
      const visit = await visitOf(request, frame, shop);
      const { device } = visit;
      const made = await show(visit, device && shop.sessionOfMac(device.mac));
      return 'status' in made ? made : frame.show(visit, made);
    },
  });
  /** Something that only a known device can do. */
  const done = (
    path: string,
    act: (visit: Visit & { device: Device }, last: Session | undefined) => Promise<Page | Reply>,
  ) =>
    shown('POST', path, (visit, last) => {
      const { device } = visit;
      return device ? act({ ...visit, device }, last) : pricesPage(visit, last);
    });
  return {
    routes: [
      shown('GET', '/*', home),
      shown('GET', '/prices', (visit, last) => pricesPage(visit, last)),
      shown('GET', '/plan/:id', plan),
      shown('GET', '/voucher', (visit) => voucherPage(visit)),
      shown('GET', '/login', (visit) => loginPage(visit)),
      shown('GET', '/status', status),
      shown('GET', '/status.json', (visit, last) => statusNumbers(visit, hasAccess(last) ? last : undefined)),
      shown('GET', '/leave', (visit, last) =>
        hasAccess(last) ? leavePage(visit, last) : (left(visit, last) ?? home(visit, last)),
      ),
      shown('GET', '/carry', (visit, last) => (hasAccess(last) ? carryPage(visit) : home(visit, last))),
      shown('GET', '/order/:id', (visit, last) => orderPage(visit, last)),
      shown('GET', '/order/:id/status.json', (visit) => orderNumbers(visit)),
      shown('GET', '/carried', (visit) => carriedPage(visit)),
      shown('GET', '/terms', (visit) => terms(visit, files)),
      done('/buy', buy),
      done('/order', order),
      done('/voucher', redeem),
      done('/login', login),
      done('/leave', async (visit, last) =>
        hasAccess(last) ? leave(visit, last) : (left(visit, last) ?? toHome(visit)),
      ),
      done('/carry', async (visit, last) => (hasAccess(last) ? carry(visit, last) : toHome(visit))),
      done('/carried', takeOver),
      { method: 'GET', path: '/page.js', handle: () => file('text/javascript; charset=utf-8', script) },
      { method: 'GET', path: '/logo', handle: () => logo(config.logo, files) },
      captiveRoute(shop),
    ],
  };
}

async function visitOf(request: WebRequest, frame: Frame, shop: Shop): Promise<Visit> {
  const { query, headers, body } = request;
  const language = languageFor(frame.config.languages, query.get('lang'), headers['accept-language']);
  const [text, device] = await Promise.all([textIn(language), request.device()]);
  const to = wayBack(request);
  const form = new URLSearchParams(body.toString('utf8'));
  return { request, text, shop, frame, device, form, ...(to !== undefined && { to }) };
}

/** How the device stands; prices for one that has nothing. */
async function home(visit: Visit, last: Session | undefined): Promise<Page> {
  const returned = await returnedTo(visit);
  return hasAccess(last) ? statusPage(visit, last, returned) : pricesPage(visit, last, returned);
}

function hasAccess(last: Session | undefined): last is Session {
  return last !== undefined && isUsable(last) && last.lots.length > 0;
}

async function status(visit: Visit, last: Session | undefined): Promise<Page | Reply> {
  return hasAccess(last) ? statusPage(visit, last, await returnedTo(visit)) : toHome(visit);
}

/** Undefined for one who has not just left. */
function left(visit: Visit, last: Session | undefined): Promise<Page> | undefined {
  if (!hasLeft(last, visit.shop.now())) return undefined;
  return returnedTo(visit).then((returned) => leftPage(visit, last, returned));
}

function toHome(visit: Visit): Reply {
  return { status: 303, headers: { Location: link(visit, '/') } };
}

function plan(visit: Visit, last: Session | undefined): Page {
  const { request, shop, text } = visit;
  const found = [...shop.plans()].find(({ id }) => id === request.params.id);
  if (found) return planPage(visit, found, Number(request.query.get('steps') ?? found.minSteps));
  const { title, body } = pricesPage(visit, last);
  return { title, body: [notice(text.say('err_plan'), true), body] };
}

function terms(visit: Visit, files: OwnerFiles): Page | Reply {
  const { frame, text } = visit;
  const { terms: path } = frame.config;
  const words = path === undefined ? '' : files.terms(path);
  const back = html`<p><a href="${link(visit, '/')}">${text.say('back')}</a></p>`;
  const title = text.say('terms');
  if (words !== undefined) return { title, body: [html`<pre>${words}</pre>`, back] };
  return frame.show(visit, { title, body: [notice(text.say('err_other'), true), back] }, 500);
}

function logo(path: string | undefined, files: OwnerFiles): Reply {
  const picture = path === undefined ? undefined : files.picture(path);
  return picture ? file(picture.type, picture.bytes) : { status: 404 };
}

function file(type: string, body: string | Uint8Array): Reply {
  return { status: 200, headers: { 'Content-Type': type, 'Cache-Control': 'private, max-age=3600' }, body };
}
