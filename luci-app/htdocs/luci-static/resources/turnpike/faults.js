'use strict';
'require baseclass';
'require turnpike.units as units';

// What the daemon finds wrong with the configuration, in the language of the page.

/** By the fault's code, which is stable. */
const sentences = {
  unreadable: _('The file cannot be read.'),
  exposed: _('Others than root may open this file.'),
  syntax: _('This line cannot be read.'),
  unknown_section: _('A section of this type or name is not known.'),
  unknown_option: _('This option is not known.'),
  missing: _('Something that is needed is missing.'),
  bad_value: _('This value cannot be used.'),
  duplicate: _('This is there twice.'),
  conflict: _('This does not fit other settings.'),
};

const warnings = {
  nobody_pays: _('Nobody can pay for the plan %s.'),
  unused_method: _('No plan has a price that %s takes.'),
};

/** The daemon's own words are English, and more exact: who reads another language has the sentence before them. */
function wordsOf({ code, message }) {
  const sentence = sentences[code];
  const isEnglish = /^(?:en\b|$)/.test(document.documentElement.lang ?? '');
  return isEnglish || !sentence ? message : `${sentence} (${units.isolated(message)})`;
}

/** One line: where it is, and what is wrong there. */
function textOf(fault) {
  const where = fault.line > 0 ? `${fault.file}:${fault.line}` : fault.file;
  // The message of what is missing names it.
  const option = fault.code === 'missing' ? '' : fault.option;
  return [where, fault.section, option, wordsOf(fault)].filter(Boolean).join(': ');
}

function warningOf({ code, name, message }) {
  return warnings[code]?.format(name) ?? message;
}

return baseclass.extend({ sentences, warnings, wordsOf, textOf, warningOf });
