import { html, type Part } from '../html.js';
import type { Visit } from '../layout.js';

/** What a customer shows to the cashier: the short code that names their device. */
export function tillCode({ device, text, shop }: Visit): Part {
  if (!device) return undefined;
  return html`<p>${text.say('till_show')}</p><p class="k" dir="ltr">${shop.tillCode(device.mac).code}</p>`;
}
