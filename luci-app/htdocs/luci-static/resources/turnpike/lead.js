'use strict';
'require baseclass';

// Leads to the field that the address names behind its #: also into another tab, and into the dialog of a row.

/** How long a page may take to draw its form, in ms. */
const patience = 20000;

function openTab(field) {
  const pane = field.closest('[data-tab]');
  const tabs = pane?.parentNode.previousElementSibling?.children ?? [];
  const own = Array.from(tabs).find((tab) => tab.dataset.tab === pane.dataset.tab);
  own?.querySelector('a').click();
}

function show(field) {
  openTab(field);
  field.scrollIntoView({ block: 'center' });
  const inputs = Array.from(field.querySelectorAll(['input', 'select', 'textarea'].join()));
  // LuCI's boxes to tick have a hidden field before them.
  inputs.find((input) => input.type !== 'hidden')?.focus({ preventScroll: true });
}

/** One look for the field; true when there is nothing more to look for. */
function looker(id) {
  let asked = false;
  return () => {
    const field = document.getElementById(id);
    if (field) show(field);
    if (field || asked) return Boolean(field);
    const section = document.getElementById(id.replace(/-\w+$/, ''));
    const edit = section?.querySelector('.cbi-button-edit');
    // What the page does not know is at least in this section.
    if (section && !edit) show(section);
    asked = Boolean(edit);
    edit?.click();
    return Boolean(section && !edit);
  };
}

/** Forms are drawn later than the browser looks for the field. */
function follow() {
  const id = window.location.hash.slice(1);
  if (!/^cbi-turnpike-\w/.test(id)) return;
  // Who reads the page again, or leaves the dialog, is not led there once more.
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  const look = looker(id);
  if (look()) return;
  const observer = new MutationObserver(() => {
    if (look()) observer.disconnect();
  });
  observer.observe(document.body, { childList: true, subtree: true });
  window.setTimeout(() => observer.disconnect(), patience);
}

return baseclass.extend({
  begin() {
    window.addEventListener('hashchange', follow);
    follow();
  },
});
