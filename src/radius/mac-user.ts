import type { Mac } from '../domain/mac.js';
import type { MacForm } from './section.js';

/** A MAC address in this form. */
export function macText(mac: Mac, form: MacForm): string {
  const between = form.endsWith('dash') ? '-' : form.endsWith('colon') ? ':' : '';
  const text = mac.replaceAll(':', between);
  return form.startsWith('upper') ? text.toUpperCase() : text;
}

/** Whether a user's name is the MAC address of the device, in any form. */
export function isMacOf(user: string, mac: Mac): boolean {
  return user.replace(/[-:.]/g, '').toLowerCase() === mac.replaceAll(':', '');
}
