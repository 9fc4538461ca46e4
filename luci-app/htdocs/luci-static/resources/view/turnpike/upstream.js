'use strict';
'require dom';
'require form';
'require poll';
'require uci';
'require ui';
'require view';
'require turnpike.api as api';
'require turnpike.cashu as cashu';
'require turnpike.daemon as daemon';
'require turnpike.escrow as escrow';
'require turnpike.mqtt as mqtt';
'require turnpike.radius as radius';
'require turnpike.settings as settings';

const sections = { radius, mqtt, escrow, cashu };
const names = { radius: _('RADIUS'), mqtt: _('MQTT'), escrow: _('Escrow'), cashu: _('Cashu') };

const states = {
  up: _('connected'),
  connected: _('connected'),
  down: _('not connected'),
  connecting: _('connecting'),
  off: _('switched off'),
};

const good = ['up', 'connected'];

/** What a server does for turnpike, by the list of `status` that it stands in. */
const duties = {
  authorizers: _('Logins'),
  sinks: _('Reports'),
  order_sources: _('Orders'),
  payments: _('Payments'),
};

/** What waits: reports for a server, tokens for their mint, or deposits that are not yet in use or not closed. */
function waiting(duty, { name, backlog }) {
  if (duty === 'sinks') return [_('%d reports wait').format(backlog ?? 0)];
  if (duty !== 'payments') return [];
  if (name === 'cashu') return [_('%d tokens wait').format(backlog ?? 0)];
  const href = L.url('admin/services/turnpike/deposits');
  return [_('%d deposits wait').format(backlog ?? 0), ', ', E('a', { href }, [_('all deposits')])];
}

/** One line on one duty: connected or not, what waits, and what went wrong last. */
function line(duty, standing) {
  const style = good.includes(standing.state) ? 'good' : 'bad';
  return E('div', { class: 'turnpike-standing' }, [
    `${duties[duty]}: `,
    E('span', { class: `turnpike-badge ${style}` }, [states[standing.state] ?? standing.state]),
    ' ',
    ...waiting(duty, standing),
    standing.error ? E('p', {}, [_('Last error: %s').format(standing.error)]) : '',
  ]);
}

/** A line for each thing that the server of this name does. */
function draw(node, name, status) {
  const lines = Object.keys(duties).flatMap((duty) =>
    (status[duty] ?? []).filter((standing) => standing.name === name).map((standing) => line(duty, standing))
  );
  dom.content(node, lines.length > 0 ? lines : [E('em', {}, [_('turnpike does not use it.')])]);
}

/** Tries a connection and says beside the button what came of it. */
function test(name, node) {
  const say = (style, text) =>
    dom.content(node, [E('span', { class: `turnpike-badge ${style}`, role: 'status' }, [text])]);
  say('', _('Trying …'));
  return api.call.upstream_test({ name }).then(
    (reply) => say('good', reply.detail ? _('It answers: %s').format(reply.detail) : _('It answers.')),
    (error) => say('bad', error.message)
  );
}

/** The button of a section, which stores nothing. */
function testOption({ basic }, name) {
  const option = basic(form.DummyValue, `_test_${name}`, _('Connection'));
  option.description = _('With the settings that are saved and applied.');
  option.renderWidget = () => {
    const verdict = E('span', {});
    const click = ui.createHandlerFn(null, () => test(name, verdict));
    const button = E('button', { class: 'btn cbi-button cbi-button-action', click }, [_('Test connection')]);
    return E('div', {}, [button, ' ', verdict]);
  };
}

return view.extend({
  load: () => uci.load('turnpike'),

  render() {
    daemon.style();
    daemon.guardForm(this);
    const about = _(
      'Servers that sales and usage are reported to, or that payments come through. What they do not take waits.'
    );
    const map = new form.Map('turnpike', _('Upstream'), about);
    const lines = {};
    for (const name in names) {
      const section = map.section(form.NamedSection, name, name, names[name]);
      section.addremove = daemon.mayWrite();
      section.addbtntitle = _('Set up');
      if (!daemon.mayWrite() && !uci.get('turnpike', name)) section.description = _('It is not set up.');
      lines[name] = E('div', {});
      const tabs = settings.tabs(section);
      const live = tabs.basic(form.DummyValue, `_state_${name}`, _('State'));
      live.renderWidget = () => E('div', {}, [lines[name]]);
      if (daemon.mayWrite()) testOption(tabs, name);
      sections[name].draw(tabs);
    }
    const { box, watch } = daemon.guard(api.call.status, (status) => {
      for (const name in lines) draw(lines[name], name, status);
    });
    poll.add(watch, 5);
    return Promise.all([map.render(), watch()]).then(([form]) => [box, form]);
  },
});
