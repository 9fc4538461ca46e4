'use strict';
'require baseclass';
'require form';
'require turnpike.fields as fields';

// The settings of the three upstreams: sections `radius`, `mqtt` and `escrow` of /etc/config/turnpike (README.md).

function add(section, widget, name, title, more) {
  return Object.assign(section.option(widget, name, title), more);
}

function quantity(section, name, title, placeholder, more) {
  return add(section, fields.Quantity, name, title, { kind: 'time', rmempty: true, placeholder, ...more });
}

/** `\x2f` is a slash: LuCI's scanner for translators loses its way at one in a class. */
function matching(pattern, says) {
  return (_id, value) => (value === '' || pattern.test(value) ? true : says);
}

/** The switch of a section. What it demands has to be there while it is on, and stays as it is while it is off. */
function power(section) {
  const on = add(section, form.Flag, 'enabled', _('Switched on'));
  const demanded = [];
  on.onchange = (_event, id) => {
    for (const option of demanded) option.triggerValidation(id);
  };
  return function demand(option) {
    const check = option.validate;
    option.validate = (id, value) => {
      if (value === '' && on.formvalue(id) === '1') return _('This is needed.');
      return check.call(option, id, value);
    };
    demanded.push(option);
  };
}

const web = matching(/^https?:\/\/[^\s@\x2f]+(\/\S*)?$/, _('Enter an address such as https://host.'));
const address = matching(/^0x[0-9a-fA-F]{40}$/, _('Enter 0x and 40 hexadecimal digits.'));

function radius(section) {
  const demand = power(section);
  demand(
    add(section, form.Value, 'server', _('Server'), { datatype: 'host', placeholder: 'radius.example.net' })
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
    datatype: 'maxlength(200)',
    description: _('The name of this router, when empty.'),
  });
  const auth = add(section, form.ListValue, 'auth', _('Passwords are sent as'), { default: 'pap' });
  auth.value('pap', 'PAP');
  auth.value('chap', 'CHAP');
  const signed = add(section, form.ListValue, 'message_authenticator', _('Signed replies'), {
    default: 'require',
    description: _('A reply without a Message-Authenticator can be forged (CVE-2024-3596).'),
  });
  signed.value('require', _('required'));
  signed.value('auto', _('checked when there'));
  signed.value('off', _('not checked'));
  add(section, form.Value, 'devices', _('Devices of one user'), {
    datatype: 'range(1,100)',
    placeholder: '1',
  });
  add(section, form.Flag, 'mac_auth', _('Devices log in by themselves'), {
    description: _('With their MAC address as user and password.'),
  });
  quantity(section, 'interim', _('Report usage every'), '2 min', { min: 60, max: 86400 });
  quantity(section, 'timeout', _('Wait for an answer'), '2 s', { max: 30 });
  add(section, form.Flag, 'coa', _('Take orders'), {
    description: _('The server may end a session or change it (CoA, RFC 5176).'),
  });
  add(section, form.Value, 'coa_port', _('Port for orders'), { datatype: 'port', placeholder: '3799' });
}

function mqtt(section) {
  const demand = power(section);
  const broker = matching(
    /^(mqtts?|wss?):\/\/[^\s@\x2f]+(\/\S*)?$/,
    _('Enter an address such as mqtts://host:8883.')
  );
  demand(
    add(section, form.Value, 'url', _('Broker'), {
      placeholder: 'mqtts://broker.example.net:8883',
      validate: broker,
    })
  );
  add(section, form.Value, 'username', _('User'), { datatype: 'maxlength(128)' });
  add(section, fields.Secret, 'password', _('Password'));
  const path = matching(/^\/\S{1,200}$/, _('Enter a path that begins with /.'));
  add(section, form.Value, 'ca_file', _('Certificate authority'), {
    placeholder: '/etc/ssl/certs/ca-certificates.crt',
    validate: path,
  });
  add(section, form.Value, 'cert_file', _('Certificate of the router'), { validate: path });
  add(section, form.Value, 'key_file', _('Key of the certificate'), { validate: path });
  add(section, form.Value, 'server_name', _('Name in the certificate of the broker'), {
    datatype: 'hostname',
    description: _('The host of the address, when empty.'),
  });
  add(section, form.Value, 'prefix', _('Topic prefix'), {
    placeholder: 'turnpike',
    validate: matching(/^[^\s#+\x2f][^\s#+]{0,99}$/, _('A topic has no spaces, # or +.')),
  });
  const format = add(section, form.ListValue, 'format', _('Format'), { default: 'msgpack' });
  format.value('msgpack', 'MessagePack');
  format.value('json', 'JSON');
  quantity(section, 'interval', _('Report usage every'), '60 s', { max: 3600 });
  add(section, form.Flag, 'commands', _('Take orders'), {
    description: _('The broker may close sessions and grant access.'),
  });
  const allow = add(section, form.DynamicList, 'allow', _('Orders that are taken'), {
    description: _('All of them, when none is chosen.'),
  });
  allow.value('close', _('Close a session'));
  allow.value('grant', _('Grant access'));
  allow.value('reload', _('Apply the configuration'));
  allow.value('status', _('Tell the state'));
}

function escrow(section) {
  const demand = power(section);
  const method = add(section, form.DynamicList, 'method', _('Ways to pay'), {
    description: _('Sessions and channels give back what was not used; packages are paid whole.'),
  });
  method.value('x402r-session', _('Sessions (x402r-session)'));
  method.value('x402-exact', _('Packages (x402-exact)'));
  method.value('x402-batch', _('Channels (x402-batch)'));
  demand(
    add(section, form.Value, 'facilitator', _('Facilitator'), {
      placeholder: 'https://facilitator.example.net',
      validate: web,
    })
  );
  add(section, form.Value, 'facilitator2', _('Second facilitator'), { validate: web });
  add(section, form.Value, 'x402_facilitator', _('Facilitator of x402'), {
    description: _('For packages and channels. The ones above, when it is empty.'),
    validate: web,
  });
  demand(
    add(section, form.Value, 'rpc', _('Node'), {
      placeholder: 'https://rpc.example.net',
      description: _('A facilitator is believed when this node of the network shows the same.'),
      validate: web,
    })
  );
  const network = add(section, form.Value, 'network', _('Network'), {
    validate: matching(/^[a-z0-9-]{3,8}:[A-Za-z0-9_-]{1,32}$/, _('Enter a network such as eip155:8453.')),
  });
  network.value('eip155:8453', 'Base');
  network.value('eip155:84532', 'Base Sepolia');
  demand(network);
  demand(
    add(section, form.Value, 'currency', _('Currency'), {
      placeholder: 'USDC 6',
      description: _('A code and its decimals, such as USDC 6.'),
      validate: fields.checkCurrency,
    })
  );
  demand(add(section, form.Value, 'token', _('Token contract'), { validate: address }));
  add(section, form.Value, 'token_name', _('Name of the token'), {
    datatype: 'maxlength(64)',
    description: _('In its signatures (EIP-712). The contract is asked when it is empty.'),
  });
  add(section, form.Value, 'token_version', _('Version of the token'), { datatype: 'maxlength(64)' });
  add(section, form.Value, 'contract', _('Escrow contract'), {
    description: _('Of sessions. The other ways to pay need none.'),
    validate: address,
  });
  demand(add(section, form.Value, 'pay_to', _('Paid to'), { validate: address }));
  add(section, fields.Secret, 'key', _('Key of the seller'), {
    validate: matching(/^0x[0-9a-fA-F]{64}$/, _('Enter 0x and 64 hexadecimal digits.')),
  });
  quantity(section, 'duration', _('A deposit expires after'), '24 h', { min: 3600, max: 31536000 });
  quantity(section, 'margin', _('Settle before expiry'), '10 min', { min: 600, max: 86400 });
  quantity(section, 'charge_interval', _('Charge what was used every'), '10 min', { min: 60, max: 86400 });
  add(section, form.Value, 'confirmations', _('Confirmations'), {
    datatype: 'range(1,1000)',
    placeholder: '3',
    description: _('Blocks on top of a deposit after which it is final.'),
  });
}

return baseclass.extend({ radius, mqtt, escrow });
