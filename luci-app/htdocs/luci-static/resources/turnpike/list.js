'use strict';
'require baseclass';
'require form';

// Lists of a form that lose no entry.

/** A list whose entries are checked when it is saved too; LuCI checks them only while they are being typed. */
const CheckedList = form.DynamicList.extend({
  __name__: 'CBI.TurnpikeList',

  parse(section) {
    if (!this.isActive(section)) return this.super('parse', [section]);
    const entries = this.entries(section);
    const codes = entries.map((entry) => this.codeOf(entry));
    const faults = entries
      .map((entry) => this.validate(section, entry))
      .filter((verdict) => verdict !== true);
    if (new Set(codes).size < codes.length) faults.push(this.twice);
    this.show(section, faults[0]);
    if (faults.length > 0) return Promise.reject(new TypeError('%s: %s'.format(this.title, faults[0])));
    const before = [].concat(this.cfgvalue(section) ?? []);
    if (JSON.stringify(entries) === JSON.stringify(before)) return Promise.resolve();
    return Promise.resolve(entries.length > 0 ? this.write(section, entries) : this.remove(section));
  },

  /** What is in the list, and what stands in its field and was never added: LuCI drops that in silence. */
  entries(section) {
    const place = this.getUIElement(section)?.node.querySelector('.add-item');
    const field = place?.matches('input') ? place : place?.querySelector('input');
    const open = field ? field.value.trim() : '';
    const listed = [].concat(this.formvalue(section) ?? []);
    const all = open === '' || listed.includes(open) ? listed : [...listed, open];
    return all.map((entry) => this.tidy(entry));
  },

  /** An entry as the configuration has it. */
  tidy: (entry) => entry,

  /** Says the fault beside the list: a dialog of LuCI's just stays open. */
  show(section, fault) {
    const place = this.getUIElement(section)?.node.parentNode;
    place?.querySelector('.turnpike-fault')?.remove();
    if (fault) place?.appendChild(E('div', { class: 'turnpike-fault', role: 'alert' }, [fault]));
  },

  /** The part of an entry that may be there once. */
  codeOf: (entry) => entry,
  twice: _('There are two entries that are the same.'),
});

return baseclass.extend({ CheckedList });
