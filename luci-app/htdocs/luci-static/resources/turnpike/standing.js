'use strict';
'require baseclass';
'require dom';
'require poll';
'require turnpike.api as api';
'require turnpike.lead as lead';
'require turnpike.menu as menu';

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

function textOf(fault) {
  const where = fault.line > 0 ? `${fault.file}:${fault.line}` : fault.file;
  // What is missing is named by the message.
  const option = fault.code === 'missing' ? '' : fault.option;
  return [where, fault.section, option, fault.message].filter(Boolean).join(': ');
}

/** Leads to the field, where a page has it that this login may open. */
function lineOf(fault, open) {
  const { type, name } = placeOf(fault.section);
  const text = textOf(fault);
  if (!open.has(pages[type])) return E('li', {}, [text]);
  const field = ['cbi-turnpike', name ?? type, fault.option].filter(Boolean).join('-');
  const href = `${L.url('admin/services/turnpike', pages[type])}#${field}`;
  return E('li', {}, [E('a', { href }, [text])]);
}

function headOf(off) {
  if (off.length === 0) return _('turnpike goes on with the old settings:');
  return _('Off until this is mended: %s').format(off.join(', '));
}

function warningOf({ code, name, message }) {
  return warnings[code]?.format(name) ?? message;
}

/**
 * @param configuration of `status`; absent from a daemon that does not say
 * @param open names of the pages that this login may open
 */
function draw(box, configuration, open) {
  const { faults = [], off = [], warnings: told = [] } = configuration ?? {};
  const stamp = JSON.stringify([faults, off, told]);
  if (box.dataset.stamp === stamp) return;
  box.dataset.stamp = stamp;
  box.hidden = faults.length + told.length === 0;
  dom.content(box, [
    faults.length > 0
      ? E('div', { class: 'alert-message danger' }, [
          E('p', {}, [headOf(off)]),
          E(
            'ul',
            {},
            faults.map((fault) => lineOf(fault, open))
          ),
        ])
      : '',
    ...told.map((one) => E('div', { class: 'alert-message warning' }, [warningOf(one)])),
  ]);
}

return baseclass.extend({
  /** The same in words alone, a sentence each. */
  sentences(configuration) {
    const { faults = [], off = [], warnings: told = [] } = configuration ?? {};
    return [...(faults.length > 0 ? [headOf(off)] : []), ...faults.map(textOf), ...told.map(warningOf)];
  },

  /** Puts the banner above the page, once, and keeps it as the daemon says. */
  begin() {
    const view = document.getElementById('view');
    if (!view || document.querySelector('.turnpike-banner')) return;
    const box = E('div', { class: 'turnpike-banner', role: 'status', hidden: '' });
    view.parentNode.insertBefore(box, view);
    // A daemon that does not answer is said by the page itself.
    const open = menu.names();
    const watch = () =>
      Promise.all([L.resolveDefault(api.call.status(), {}), open]).then(([{ configuration }, names]) =>
        draw(box, configuration, names)
      );
    poll.add(watch, 10);
    watch();
    lead.begin();
  },
});
