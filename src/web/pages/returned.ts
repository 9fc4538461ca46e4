import { html, type Part } from '../html.js';
import type { Visit } from '../layout.js';

/** Money that the device's customer was given back as tokens: it is shown until it is spent. */
export async function returnedTo({ device, shop, text }: Visit): Promise<Part> {
  if (!device) return undefined;
  const returned = await shop.returned(device.mac);
  return (
    returned.length > 0 &&
    returned.map(({ money, token }, at) => {
      const label = text.say('returned', { price: text.money(money) });
      return html`<section class="c"><label for="token_${at}">${label}</label>
<textarea id="token_${at}" rows="4" readonly dir="ltr">${token}</textarea></section>`;
    })
  );
}
