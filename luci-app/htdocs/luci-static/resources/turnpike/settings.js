'use strict';
'require baseclass';
'require turnpike.fields as fields';

// What the sections of /etc/config/turnpike have in common on the pages: two tabs, a switch, and forms of text.

/** `\x2f` is a slash: LuCI's scanner for translators loses its way at one in a class. */
function matching(pattern, says) {
  return (_id, value) => (value === '' || pattern.test(value) ? true : says);
}

/** Adds an option to one of the tabs of a section. */
function adder(section, tab) {
  return (widget, name, title, more) => Object.assign(section.taboption(tab, widget, name, title), more);
}

/** What most owners set, and what works for them as it is: two functions that add an option. */
function tabs(section) {
  section.tab('basic', _('Settings'));
  section.tab('advanced', _('Advanced'));
  return { basic: adder(section, 'basic'), advanced: adder(section, 'advanced') };
}

/** Adds a span of time with `add`; `more` has its bounds in seconds. */
function span(add, name, title, placeholder, more) {
  return add(fields.Quantity, name, title, { kind: 'time', rmempty: true, placeholder, ...more });
}

/** The options that are there while `flag` is set; what they had is kept while it is not. */
function only(flag, options) {
  for (const option of options) {
    option.depends(flag, '1');
    option.retain = true;
  }
}

/**
 * Demands options of a section: they have to be there while it is switched on with `on`, and stay as they are while it
 * is off.
 */
function demand(on, options) {
  for (const option of options) {
    const check = option.validate;
    option.validate = (id, value) => {
      if (value === '' && on.formvalue(id) === '1') return _('This is needed.');
      return check.call(option, id, value);
    };
  }
  on.onchange = (_event, id) => {
    for (const option of options) option.triggerValidation(id);
  };
}

return baseclass.extend({
  matching,
  tabs,
  span,
  only,
  demand,

  absolute: matching(/^\/[^\n]{0,200}$/, _('Enter a path that begins with /.')),
  name: matching(/^[A-Za-z0-9._-]{1,64}$/, _('Letters, digits, dots, _ and - only.')),
  /** A password, as it goes into a file of one line for each. */
  secret: matching(/^[\x21-\x7e]{1,128}$/, _('Enter 1 to 128 characters without spaces.')),
});
