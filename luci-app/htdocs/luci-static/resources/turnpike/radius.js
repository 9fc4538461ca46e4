'use strict';
'require baseclass';
'require form';
'require turnpike.endpoint as endpoint';
'require turnpike.fields as fields';
'require turnpike.settings as settings';

// The section `radius` of /etc/config/turnpike (docs/configuration.md).

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const ip = /^[0-9A-Fa-f:.]{2,45}$/;
const checkServer = endpoint.check(_('Enter a server such as radius.example.net.'));

function servers({ basic, advanced }) {
  const server = basic(form.Value, 'server', _('Server'), {
    placeholder: 'radius.example.net',
    validate: checkServer,
  });
  basic(form.Value, 'server2', _('Second server'), {
    validate: checkServer,
    description: _('Asked when the first one does not answer.'),
  });
  basic(fields.Secret, 'secret', _('Shared secret'), {
    validate: settings.matching(/^[\x21-\x7e]{8,128}$/, _('Enter 8 to 128 characters without spaces.')),
  });
  advanced(form.Value, 'auth_port', _('Port for authentication'), { datatype: 'port', placeholder: '1812' });
  advanced(fields.CheckedList, 'acct_server', _('Servers for accounting'), {
    validate: checkServer,
    description: _('The servers for authentication, when there is none.'),
  });
  advanced(form.Value, 'acct_port', _('Port for accounting'), { datatype: 'port', placeholder: '1813' });
  return server;
}

/** How the router shows itself to the servers. */
function client({ basic, advanced }) {
  basic(form.Value, 'nas_identifier', _('NAS identifier'), {
    validate: settings.matching(/^[\x21-\x7e]{1,200}$/, _('Enter up to 200 characters without spaces.')),
    description: _('The name of this router, when empty.'),
  });
  advanced(form.Value, 'nas_address', _('NAS address'), {
    validate: settings.matching(ipv4, _('Enter an IPv4 address.')),
    description: _('The address that reaches the server, when empty.'),
  });
  const auth = advanced(form.ListValue, 'auth', _('Passwords are sent as'), { default: 'pap' });
  auth.value('pap', 'PAP');
  auth.value('chap', 'CHAP');
  const signed = advanced(form.ListValue, 'message_authenticator', _('Signed replies'), {
    default: 'require',
    description: _('A reply without a Message-Authenticator can be forged (CVE-2024-3596).'),
  });
  signed.value('require', _('required'));
  signed.value('auto', _('checked when there'));
  signed.value('off', _('not checked'));
  const status = advanced(form.ListValue, 'status_server', _('Status of servers'), {
    default: 'auto',
    description: _('What silence on a Status-Server says of a server.'),
  });
  status.value('require', _('it is down'));
  status.value('auto', _('it is down when it answered before'));
  status.value('off', _('they are not asked'));
}

function users({ basic, advanced }) {
  basic(form.Value, 'devices', _('Devices of one user'), {
    datatype: 'and(uinteger,range(1,100))',
    placeholder: '1',
  });
  basic(form.Flag, 'mac_auth', _('Devices log in by themselves'), {
    description: _('With their MAC address as user and password.'),
  });
  const password = advanced(fields.Secret, 'mac_password', _('Password of devices'), {
    validate: settings.secret,
    description: _('Of those that log in by themselves, in the place of their MAC address.'),
  });
  settings.only('mac_auth', [password]);
}

function orders({ basic, advanced }) {
  basic(form.Flag, 'coa', _('Take orders'), {
    description: _('The server may end a session or change it (CoA, RFC 5176).'),
  });
  const port = advanced(form.Value, 'coa_port', _('Port for orders'), {
    datatype: 'port',
    placeholder: '3799',
  });
  const address = advanced(form.Value, 'coa_address', _('Address for orders'), {
    validate: settings.matching(ip, _('Enter an IP address.')),
    description: _('All addresses of the router, when empty.'),
  });
  const from = advanced(fields.CheckedList, 'coa_client', _('Orders are taken from'), {
    validate: checkServer,
    description: _('The servers alone, when there is none.'),
  });
  settings.only('coa', [port, address, from]);
}

return baseclass.extend({
  draw(tabs) {
    const on = tabs.basic(form.Flag, 'enabled', _('Switched on'));
    settings.demand(on, [servers(tabs)]);
    client(tabs);
    users(tabs);
    settings.span(tabs.basic, 'interim', _('Report usage every'), '2 min', { min: 60, max: 86400 });
    settings.span(tabs.advanced, 'timeout', _('Wait for an answer'), '2 s', { min: 0.1, max: 30 });
    orders(tabs);
  },
});
