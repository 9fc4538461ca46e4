'use strict';
'require baseclass';

// Names, for screen readers, of what LuCI draws without one: boxes to tick, the name of a new row, and the dialog of a row.

/** LuCI's boxes to tick have a label too, which is empty. */
function isNamed(field) {
  const labels = Array.from(field.labels ?? []);
  return field.hasAttribute('aria-label') || labels.some((label) => label.textContent.trim() !== '');
}

/** The words that people see beside it. */
function nameOf(field) {
  const adds = field.closest('.cbi-section-create');
  if (adds) return adds.querySelector('button')?.textContent;
  const title = field.closest('.cbi-value')?.querySelector('.cbi-value-title');
  return title?.textContent ?? field.closest('[data-title]')?.dataset.title;
}

function name() {
  for (const field of document.querySelectorAll(
    ['input[type=checkbox]', '.cbi-section-create-name'].join()
  )) {
    const text = isNamed(field) ? '' : nameOf(field)?.trim();
    if (text) field.setAttribute('aria-label', text);
  }
  // LuCI takes one element for all dialogs, one after the other.
  const modal = document.querySelector('.modal[role=dialog]');
  const title = modal?.querySelector('h4')?.textContent.trim();
  if (title) modal.setAttribute('aria-label', title);
}

return baseclass.extend({
  /** Names what is there, and what comes. */
  begin() {
    new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
    name();
  },
});
