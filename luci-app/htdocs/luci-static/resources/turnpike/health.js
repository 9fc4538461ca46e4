'use strict';
'require baseclass';
'require dom';
'require turnpike.api as api';
'require turnpike.faults as words';
'require turnpike.units as units';

// How the daemon is, and what it thinks of the saved settings.

const portalStates = {
  up: _('up'),
  down: _('down'),
  starting: _('starting'),
  busy: _('busy'),
  lagging: _('lagging'),
  full: _('full'),
};

const backstopStates = {
  off: _('off'),
  starting: _('starting'),
  on: _('in order'),
  bypassed: _('bypassed'),
  missing: _('not possible here'),
  failed: _('failed'),
};

const offloaded = _(
  'Flow offload is on, so nothing is sold by the byte. This switches it off: turnpike setup offload'
);

const damaged = _(
  'When you have seen what is damaged, say so, and this goes: ubus call turnpike damage_acknowledge'
);

const journalStates = {
  ok: _('in order'),
  behind: _('keeps much for a server'),
  incomplete: _('incomplete'),
  damaged: _('damaged: records are missing'),
  full: _('full'),
  failed: _('cannot be written'),
};

/** Figures on the daemon, its journal, the backstop and the portals, and what is wrong with them. */
function draw(node, status) {
  const { journal, backstop } = status;
  const figure = (title, value) => E('div', {}, [E('dt', {}, [title]), E('dd', {}, [value])]);
  const faults = status.gateways.filter((gateway) => gateway.error);
  dom.content(node, [
    E('dl', { class: 'turnpike-summary' }, [
      figure(_('Version'), status.version),
      figure(_('Running for'), units.span(status.uptime)),
      figure(
        _('Journal'),
        _('%s, %s').format(journalStates[journal.state] ?? journal.state, units.bytes(journal.bytes))
      ),
      backstop ? figure(_('Backstop'), backstopStates[backstop.state] ?? backstop.state) : '',
      ...status.gateways.map((gateway) =>
        figure(
          _('Portal %s').format(gateway.name),
          _('%s, %d clients').format(portalStates[gateway.state] ?? gateway.state, gateway.clients)
        )
      ),
    ]),
    ...[journal, backstop, ...faults]
      .filter((part) => part?.error)
      .map(({ error }) => E('div', { class: 'alert-message warning' }, [error])),
    journal.damages ? E('div', { class: 'alert-message warning' }, [damaged]) : '',
    backstop?.state === 'bypassed' ? E('div', { class: 'alert-message warning' }, [offloaded]) : '',
  ]);
}

/** Has the settings read again, and says what came of it. */
function check(node) {
  return api.call.reload().then(
    (reply) => {
      const later = (reply.needs_restart ?? []).join(', ');
      const text = later
        ? _('The settings are in use. These wait for a restart of turnpike: %s').format(later)
        : _('The settings are in use.');
      dom.content(node, E('div', { class: 'alert-message success' }, [text]));
    },
    (error) => {
      const faults = error.reply?.faults ?? [];
      const line = (fault) =>
        E('li', {}, [[fault.section, fault.option, words.wordsOf(fault)].filter(Boolean).join(': ')]);
      const box = E('div', { class: 'alert-message danger' }, [
        E('p', {}, [faults.length > 0 ? _('turnpike goes on with the old settings:') : error.message]),
        E('ul', {}, faults.map(line)),
      ]);
      dom.content(node, box);
    }
  );
}

return baseclass.extend({ draw, check });
