import { html } from '../html.js';
import { button, form, link, notice, type Page, type Visit } from '../layout.js';

/**
 * On the device that has the session.
 * @param made the code, with the ms that it is good for
 */
export function carryPage(
  visit: Visit,
  made?: { readonly code: string; readonly left: number },
  error?: string,
): Page {
  const { text } = visit;
  const body = [
    notice(error, true),
    html`<p>${text.say('carry_help')}</p>`,
    made
      ? html`<p class="k" dir="ltr">${made.code}</p><p>${text.say('carry_until', { time: text.span(made.left) })}</p>`
      : form(visit, '/carry', button(text.say('carry_make'))),
    html`<p><a href="${link(visit, '/')}">${text.say('back')}</a></p>`,
  ];
  return { title: text.say('carry'), body };
}

/** On the device that is to have it. */
export function carriedPage(visit: Visit, error?: string, typed = ''): Page {
  const { text } = visit;
  const field = html`<label for="code">${text.say('carry_code')}</label>
<input id="code" name="code" value="${typed}" maxlength="64" required autocomplete="off" autocapitalize="characters" spellcheck="false" dir="ltr">`;
  const body = [
    notice(error, true),
    form(visit, '/carried', [field, button(text.say('redeem'))]),
    html`<p><a href="${link(visit, '/')}">${text.say('back')}</a></p>`,
  ];
  return { title: text.say('carry_have'), body };
}
