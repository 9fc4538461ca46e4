'use strict';
'require baseclass';
'require turnpike.api as api';
'require turnpike.days as days';
'require turnpike.standing as standing';
'require turnpike.units as units';

// A box on LuCI's own overview: is it selling, to how many, and what came in today.

/** The whole day in one step, which is not of 24 hours where the clock is changed. */
function today() {
  const { from, to } = days.range('today', new Date());
  return { from, to, step: to - from };
}

function rows({ gateways, sinks, authorizers, payments, sessions, journal, configuration }, series) {
  const down = gateways.filter((gateway) => gateway.state !== 'up').map((gateway) => gateway.name);
  const standings = [...authorizers, ...sinks, ...payments];
  const faulty = (isUp) => [
    ...new Set(standings.filter((one) => one.error && (one.state === 'up') === isUp).map((one) => one.name)),
  ];
  const [cut, troubled] = [faulty(false), faulty(true)];
  const sum = (name) => series.reduce((all, row) => all + row[name], 0);
  const list = [
    [_('Sessions'), _('%d online, %d away').format(sessions.active, sessions.suspended)],
    [_('Revenue today'), units.moneys(units.sum(series.flatMap((row) => row.revenue)))],
    [_('Data today'), units.bytes(sum('up_bytes') + sum('down_bytes'))],
    [_('Portals'), down.length > 0 ? _('down: %s').format(down.join(', ')) : _('all up')],
  ];
  if (cut.length > 0) list.push([_('Upstream'), _('no connection: %s').format(cut.join(', '))]);
  if (troubled.length > 0) list.push([_('Upstream'), _('not in order: %s').format(troubled.join(', '))]);
  if (journal.state !== 'ok') list.push([_('Storage'), journal.error || journal.state]);
  const wrong = standing.sentences(configuration);
  if (wrong.length > 0) list.push([_('Settings'), wrong.map((sentence) => E('div', {}, [sentence]))]);
  return list;
}

function told(error) {
  // Who may not see turnpike sees no box.
  return error.code === 'denied' ? null : { error };
}

return baseclass.extend({
  title: _('WiFi sales'),

  load() {
    return Promise.all([api.call.status(), api.call.stats(today())]).catch(told);
  },

  render(answer) {
    if (!answer) return null;
    if (answer.error) return E('em', {}, [answer.error.message]);
    const [status, { series }] = answer;
    const row = ([title, text]) =>
      E('tr', { class: 'tr' }, [
        E('td', { class: 'td left', width: '33%' }, [title]),
        E('td', { class: 'td left' }, [].concat(text)),
      ]);
    return E('table', { class: 'table' }, rows(status, series).map(row));
  },
});
