'use strict';
'require dom';
'require form';
'require poll';
'require ui';
'require view';
'require turnpike.api as api';
'require turnpike.daemon as daemon';
'require turnpike.fields as fields';

const names = { radius: _('RADIUS'), mqtt: _('MQTT'), escrow: _('Escrow') };

const states = {
  up: _('connected'),
  connected: _('connected'),
  down: _('not connected'),
  connecting: _('connecting'),
  off: _('switched off'),
};

const good = ['up', 'connected'];

function add(section, widget, name, title, more) {
  return Object.assign(section.option(widget, name, title), more);
}

function matching(pattern, says) {
  return (_id, value) => (value === '' || pattern.test(value) ? true : says);
}

function quantity(section, name, title, placeholder, more) {
  return add(section, fields.Quantity, name, title, { kind: 'time', rmempty: true, placeholder, ...more });
}

function required(option) {
  option.rmempty = false;
  option.depends('enabled', '1');
}

function radius(section) {
  add(section, form.Flag, 'enabled', _('Switched on'));
  required(
    add(section, form.Value, 'server', _('Server'), { datatype: 'host', placeholder: 'radius.example.net' }),
  );
  add(section, form.Value, 'server2', _('Second server'), {
    datatype: 'host',
    description: _('Asked when the first one does not answer.'),
  });
  add(section, fields.Secret, 'secret', _('Shared secret'), { datatype: 'minlength(8)' });
  add(section, form.Value, 'auth_port', _('Port for authentication'), {
    datatype: 'port',
    placeholder: '1812',
  });
  add(section, form.Value, 'acct_port', _('Port for accounting'), { datatype: 'port', placeholder: '1813' });
  add(section, form.Value, 'nas_identifier', _('NAS identifier'), {
    datatype: 'maxlength(253)',
    description: _('The name of this router, when empty.'),
  });
  quantity(section, 'interim', _('Report usage every'), '10 min', { min: 60, max: 86400 });
  quantity(section, 'timeout', _('Wait for an answer'), '3 s', { max: 30 });
  add(section, form.Flag, 'coa', _('Take orders'), {
    description: _('The server may end a session or change it (CoA, RFC 5176).'),
  });
  const port = add(section, form.Value, 'coa_port', _('Port for orders'), {
    datatype: 'port',
    placeholder: '3799',
  });
  port.depends('coa', '1');
}

function mqtt(section) {
  add(section, form.Flag, 'enabled', _('Switched on'));
  required(
    add(section, form.Value, 'url', _('Broker'), {
      placeholder: 'mqtts://broker.example.net:8883',
      validate: matching(
        /^(mqtts?|wss?):\/\/[^\s@/]+(\/\S*)?$/,
        _('Enter an address such as mqtts://host:8883.'),
      ),
    }),
  );
  add(section, form.Value, 'username', _('User'), { datatype: 'maxlength(128)' });
  add(section, fields.Secret, 'password', _('Password'));
  add(section, form.Value, 'ca_file', _('Certificate authority'), {
    placeholder: '/etc/ssl/certs/ca-certificates.crt',
    validate: matching(/^\/\S{1,200}$/, _('Enter a path that begins with /.')),
  });
  add(section, form.Value, 'prefix', _('Topic prefix'), {
    placeholder: 'turnpike',
    validate: matching(/^[^\s#+/][^\s#+]{0,99}$/, _('A topic has no spaces, # or +.')),
  });
  const format = add(section, form.ListValue, 'format', _('Format'), { default: 'msgpack' });
  format.value('msgpack', 'MessagePack');
  format.value('json', 'JSON');
  quantity(section, 'interval', _('Report usage every'), '60 s', { max: 3600 });
  add(section, form.Flag, 'commands', _('Take orders'), {
    description: _('The broker may close sessions and grant access.'),
  });
}

function escrow(section) {
  add(section, form.Flag, 'enabled', _('Switched on'));
  const web = matching(/^https?:\/\/[^\s@/]+(\/\S*)?$/, _('Enter an address such as https://host.'));
  const address = matching(/^0x[0-9a-fA-F]{40}$/, _('Enter 0x and 40 hexadecimal digits.'));
  required(
    add(section, form.Value, 'facilitator', _('Facilitator'), {
      placeholder: 'https://facilitator.example.net',
      validate: web,
    }),
  );
  add(section, form.Value, 'facilitator2', _('Second facilitator'), { validate: web });
  const network = add(section, form.Value, 'network', _('Network'), {
    placeholder: 'eip155:8453',
    validate: matching(/^[a-z0-9-]{3,8}:[A-Za-z0-9_-]{1,32}$/, _('Enter a network such as eip155:8453.')),
  });
  network.value('eip155:8453', 'Base');
  network.value('eip155:84532', 'Base Sepolia');
  required(network);
  const currency = add(section, form.Value, 'currency', _('Currency'), {
    placeholder: 'USDC 6',
    description: _('A code and its decimals, such as USDC 6.'),
    validate: matching(
      /^[A-Z][A-Z0-9]{1,11}\s+(\d|1[0-8])$/,
      _('Enter a code and its decimals, such as USDC 6.'),
    ),
  });
  required(currency);
  required(add(section, form.Value, 'token', _('Token contract'), { validate: address }));
  required(add(section, form.Value, 'contract', _('Escrow contract'), { validate: address }));
  required(add(section, form.Value, 'pay_to', _('Paid to'), { validate: address }));
  add(section, fields.Secret, 'key', _('Key of the seller'), {
    validate: matching(/^0x[0-9a-fA-F]{64}$/, _('Enter 0x and 64 hexadecimal digits.')),
  });
  quantity(section, 'margin', _('Settle before expiry'), '10 min', { min: 600, max: 86400 });
}

/** One line on a sink: connected or not, what waits, and what went wrong last. */
function draw(node, sink) {
  if (!sink) return dom.content(node, [E('em', {}, [_('turnpike does not use it.')])]);
  const style = good.includes(sink.state) ? 'good' : 'bad';
  dom.content(node, [
    E('span', { class: `turnpike-badge ${style}` }, [states[sink.state] ?? sink.state]),
    ' ',
    _('%d reports wait').format(sink.backlog ?? 0),
    sink.error ? E('p', {}, [_('Last error: %s').format(sink.error)]) : '',
  ]);
}

function test(name) {
  return api.call.upstream_test({ name }).then(
    (reply) => daemon.tell(_('%s answers: %s').format(names[name], reply.detail ?? _('all is well'))),
    (error) => daemon.say(new Error('%s: %s'.format(names[name], error.message))),
  );
}

return view.extend({
  render() {
    daemon.style();
    const about = _('Where sales and usage are reported to. A report waits until it has been taken.');
    const map = new form.Map('turnpike', _('Upstream'), about);
    const lines = {};
    for (const [name, options] of Object.entries({ radius, mqtt, escrow })) {
      const section = map.section(form.NamedSection, name, name, names[name]);
      section.addremove = true;
      section.addbtntitle = _('Set up');
      lines[name] = E('div', {});
      const live = section.option(form.DummyValue, `_state_${name}`, _('State'));
      live.renderWidget = () => E('div', {}, [lines[name]]);
      if (daemon.mayWrite()) {
        const button = section.option(form.Button, `_test_${name}`, _('Connection'));
        Object.assign(button, { inputtitle: _('Test connection'), inputstyle: 'action' });
        button.description = _('With the settings that are saved and applied.');
        button.onclick = () => test(name);
      }
      options(section);
    }
    const { box, watch } = daemon.guard(api.call.status, ({ sinks }) => {
      for (const name in lines) {
        draw(
          lines[name],
          sinks.find((sink) => sink.name === name),
        );
      }
    });
    poll.add(watch, 5);
    return Promise.all([map.render(), watch()]).then(([form]) => [box, form]);
  },
});
