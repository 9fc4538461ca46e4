'use strict';
'require baseclass';
'require dom';
'require poll';
'require turnpike.api as api';
'require turnpike.faults as faults';
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

/** A section as faults name it, `plan 'hour'`; a secret belongs to the section of its name. */
function placeOf(section) {
  const [, type, name] = /^(\w+)(?: '(\w+)')?$/.exec(section) ?? [];
  return type === 'secret' ? { type: name, name } : { type, name };
}

/** Leads to a field, where this login may open the page that has it. */
function linked(text, page, names, open) {
  if (!open.has(page)) return text;
  const field = ['cbi-turnpike', ...names].filter(Boolean).join('-');
  return E('a', { href: `${L.url('admin/services/turnpike', page)}#${field}` }, [text]);
}

function lineOf(fault, open) {
  const { type, name } = placeOf(fault.section);
  return E('li', {}, [linked(faults.textOf(fault), pages[type], [name ?? type, fault.option], open)]);
}

/** Where a warning is mended: at the prices of the plan, or at the currencies of the way to pay. */
function warningLine(one, open) {
  const places = {
    nobody_pays: ['pricing', 'price'],
    unused_method: [pages[one.name] ?? 'general', 'currency'],
  };
  const [page, option] = places[one.code] ?? [];
  const text = linked(faults.warningOf(one), page, [one.name, option], open);
  return E('div', { class: 'alert-message warning' }, [text]);
}

function headOf(off) {
  if (off.length === 0) return _('turnpike goes on with the old settings:');
  return _('Off until this is mended: %s').format(off.join(', '));
}

/**
 * @param configuration of `status`; absent from a daemon that does not say
 * @param open names of the pages that this login may open
 */
function draw(box, configuration, open) {
  const { faults: found = [], off = [], warnings: told = [] } = configuration ?? {};
  const stamp = JSON.stringify([found, off, told]);
  if (box.dataset.stamp === stamp) return;
  box.dataset.stamp = stamp;
  box.hidden = found.length + told.length === 0;
  dom.content(box, [
    found.length > 0
      ? E('div', { class: 'alert-message danger' }, [
          E('p', {}, [headOf(off)]),
          E(
            'ul',
            {},
            found.map((fault) => lineOf(fault, open))
          ),
        ])
      : '',
    ...told.map((one) => warningLine(one, open)),
  ]);
}

return baseclass.extend({
  /** The same in words alone, a sentence each. */
  sentences(configuration) {
    const { faults: found = [], off = [], warnings: told = [] } = configuration ?? {};
    return [
      ...(found.length > 0 ? [headOf(off)] : []),
      ...found.map(faults.textOf),
      ...told.map(faults.warningOf),
    ];
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
