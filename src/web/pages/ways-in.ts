import { html } from '../html.js';
import { button, form, link, notice, type Page, type Visit } from '../layout.js';

/** A voucher's code, typed in any form, or filled in by the script from behind the `#` of the link on the paper. */
export function voucherPage(visit: Visit, error?: string, typed = ''): Page {
  const { text } = visit;
  const field = html`<label for="code">${text.say('voucher_code')}</label>
<input id="code" name="code" value="${typed}" maxlength="64" required autocomplete="off" autocapitalize="characters" spellcheck="false" dir="ltr">`;
  const body = [
    notice(error, true),
    form(visit, '/voucher', [field, button(text.say('redeem'))]),
    html`<p><a href="${link(visit, '/')}">${text.say('back')}</a></p>`,
  ];
  return { title: text.say('voucher'), body };
}

/** A login at the owner's server. */
export function loginPage(visit: Visit, error?: string, user = ''): Page {
  const { text } = visit;
  const fields = html`<label for="user">${text.say('user')}</label>
<input id="user" name="user" value="${user}" maxlength="253" required autocomplete="username" autocapitalize="none" spellcheck="false">
<label for="password">${text.say('password')}</label>
<input id="password" name="password" type="password" maxlength="128" required autocomplete="current-password">`;
  const body = [
    notice(error, true),
    form(visit, '/login', [fields, button(text.say('login'))]),
    html`<p><a href="${link(visit, '/')}">${text.say('back')}</a></p>`,
  ];
  return { title: text.say('login'), body };
}
