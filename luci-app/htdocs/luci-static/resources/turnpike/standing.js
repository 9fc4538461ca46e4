'use strict';
'require baseclass';
'require dom';
'require poll';
'require turnpike.api as api';

// What the daemon says of its configuration, above each page until it is mended.

/** The page that has the options of a section, by its type. */
const pages = {
  turnpike: 'general',
  gateway: 'general',
  method: 'general',
  plan: 'pricing',
  web: 'page',
  radius: 'upstream',
  mqtt: 'upstream',
  escrow: 'upstream',
  cashu: 'upstream',
};

const warnings = {
  nobody_pays: _('Nobody can pay for the plan %s.'),
  unused_method: _('No plan has a price that %s takes.'),
};

/** A section as faults name it, `plan 'hour'`; a secret belongs to the section of its name. */
function placeOf(section) {
  const [, type, name] = /^(\w+)(?: '(\w+)')?$/.exec(section) ?? [];
  return type === 'secret' ? { type: name, name } : { type, name };
}

/** Leads to the field, where a page has it. */
function lineOf(fault) {
  const { type, name } = placeOf(fault.section);
  const where = fault.line > 0 ? `${fault.file}:${fault.line}` : fault.file;
  const text = [where, fault.section, fault.option, fault.message].filter(Boolean).join(': ');
  if (!pages[type]) return E('li', {}, [text]);
  const field = ['cbi-turnpike', name ?? type, fault.option].filter(Boolean).join('-');
  const href = `${L.url('admin/services/turnpike', pages[type])}#${field}`;
  return E('li', {}, [E('a', { href }, [text])]);
}

/** @param configuration of `status`; absent from a daemon that does not say */
function draw(box, configuration) {
  const { faults = [], off = [], warnings: told = [] } = configuration ?? {};
  const stamp = JSON.stringify([faults, off, told]);
  if (box.dataset.stamp === stamp) return;
  box.dataset.stamp = stamp;
  box.hidden = faults.length + told.length === 0;
  const head = off.length > 0 ? _('Off until this is mended: %s').format(off.join(', ')) : null;
  dom.content(box, [
    faults.length > 0
      ? E('div', { class: 'alert-message danger' }, [
          E('p', {}, [head ?? _('turnpike goes on with the old settings:')]),
          E('ul', {}, faults.map(lineOf)),
        ])
      : '',
    ...told.map(({ code, name, message }) =>
      E('div', { class: 'alert-message warning' }, [warnings[code]?.format(name) ?? message])
    ),
  ]);
}

/** The field that a link of ours leads to: forms are drawn later than the browser looks for it. */
function reveal() {
  const id = window.location.hash.slice(1);
  if (!/^cbi-turnpike-\w/.test(id)) return;
  // The fields of a row are in its dialog.
  const field = document.getElementById(id) ?? document.getElementById(id.replace(/-\w+$/, ''));
  field?.scrollIntoView({ block: 'center' });
}

return baseclass.extend({
  /** Puts the banner above the page, once, and keeps it as the daemon says. */
  begin() {
    const view = document.getElementById('view');
    if (!view || document.querySelector('.turnpike-banner')) return;
    const box = E('div', { class: 'turnpike-banner', role: 'status', hidden: '' });
    view.parentNode.insertBefore(box, view);
    // A daemon that does not answer is said by the page itself.
    const watch = () =>
      L.resolveDefault(api.call.status(), {}).then(({ configuration }) => draw(box, configuration));
    poll.add(watch, 10);
    watch();
    window.setTimeout(reveal, 500);
  },
});
