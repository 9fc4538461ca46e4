import { html, type Part } from '../html.js';
import type { Visit } from '../layout.js';

/** What a customer shows to the cashier: the name of their device. */
export function tillCode({ device, text }: Visit): Part {
  if (!device) return undefined;
  return html`<p>${text.say('till_show')}</p><p class="k">${device.mac}</p>`;
}
