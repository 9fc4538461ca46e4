'use strict';
'require dom';
'require form';
'require poll';
'require uci';
'require ui';
'require view';
'require turnpike.api as api';
'require turnpike.daemon as daemon';
'require turnpike.escrow as escrow';
'require turnpike.mqtt as mqtt';
'require turnpike.radius as radius';
'require turnpike.settings as settings';

const sinks = { radius, mqtt, escrow };
const names = { radius: _('RADIUS'), mqtt: _('MQTT'), escrow: _('Escrow') };

const states = {
  up: _('connected'),
  connected: _('connected'),
  down: _('not connected'),
  connecting: _('connecting'),
  off: _('switched off'),
};

const good = ['up', 'connected'];

/** What waits: reports for a server, or deposits that are not yet in use or settled. */
function waiting({ name, backlog }) {
  if (name !== 'escrow') return [_('%d reports wait').format(backlog ?? 0)];
  const href = L.url('admin/services/turnpike/deposits');
  return [_('%d deposits wait').format(backlog ?? 0), ', ', E('a', { href }, [_('all deposits')])];
}

/** One line on a sink: connected or not, what waits, and what went wrong last. */
function draw(node, sink) {
  if (!sink) return dom.content(node, [E('em', {}, [_('turnpike does not use it.')])]);
  const style = good.includes(sink.state) ? 'good' : 'bad';
  dom.content(node, [
    E('span', { class: `turnpike-badge ${style}` }, [states[sink.state] ?? sink.state]),
    ' ',
    ...waiting(sink),
    sink.error ? E('p', {}, [_('Last error: %s').format(sink.error)]) : '',
  ]);
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
      sinks[name].draw(tabs);
    }
    const { box, watch } = daemon.guard(api.call.status, (status) => {
      for (const name in lines) {
        draw(
          lines[name],
          status.sinks.find((sink) => sink.name === name)
        );
      }
    });
    poll.add(watch, 5);
    return Promise.all([map.render(), watch()]).then(([form]) => [box, form]);
  },
});
