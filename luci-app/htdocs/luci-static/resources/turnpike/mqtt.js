'use strict';
'require baseclass';
'require form';
'require turnpike.fields as fields';
'require turnpike.settings as settings';

// The section `mqtt` of /etc/config/turnpike (docs/configuration.md).

const line = settings.matching(/^[^\p{Cc}\p{Cs}]{1,128}$/u, _('Enter one line of at most 128 characters.'));

function isUrl(text) {
  try {
    return new URL(text).href !== '';
  } catch (_fault) {
    return false;
  }
}

function checkBroker(_id, value) {
  const isThere = /^(?:mqtts?|wss?):\/\/[^\s@\x2f?#]+(?:\/[^\s?#]*)?$/.test(value) && isUrl(value);
  return value === '' || isThere ? true : _('Enter an address such as mqtts://host:8883.');
}

function broker({ basic, advanced }) {
  const url = basic(form.Value, 'url', _('Broker'), {
    placeholder: 'mqtts://broker.example.net:8883',
    validate: checkBroker,
  });
  basic(form.Value, 'username', _('User'), { validate: line });
  basic(fields.Secret, 'password', _('Password'), { validate: line });
  basic(form.Value, 'ca_file', _('Certificate authority'), {
    placeholder: '/etc/ssl/certs/ca-certificates.crt',
    validate: settings.absolute,
  });
  const own = { validate: settings.absolute };
  advanced(form.Value, 'cert_file', _('Certificate of the router'), own);
  advanced(form.Value, 'key_file', _('Key of the certificate'), own);
  advanced(form.Value, 'server_name', _('Name in the certificate of the broker'), {
    validate: settings.matching(
      /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/,
      _('Enter the name of a host.')
    ),
    description: _('The host of the address, when empty.'),
  });
  return url;
}

function connection({ advanced }) {
  advanced(form.Value, 'client_id', _('Client ID'), {
    validate: settings.name,
    description: _('No other client may have it. Made of the name of this router, when empty.'),
  });
  settings.span(advanced, 'keepalive', _('Sign of life every'), '60 s', { min: 5, max: 3600 });
  settings.span(advanced, 'session_expiry', _('The broker waits for'), '1 d', {
    min: 0,
    max: 365 * 86400,
    description: _('It keeps what it has for this router for so long while that is away.'),
  });
}

function reports({ basic }) {
  basic(form.Value, 'prefix', _('Topic prefix'), {
    placeholder: 'turnpike',
    validate: settings.matching(
      /^[^\s#+\x2f$]([^\s#+]{0,98}[^\s#+\x2f])?$/,
      _('A topic has no spaces, # or +, and does not begin with $ or /, or end with /.')
    ),
  });
  const format = basic(form.ListValue, 'format', _('Format'), { default: 'msgpack' });
  format.value('msgpack', 'MessagePack');
  format.value('json', 'JSON');
  settings.span(basic, 'interval', _('Report usage every'), '60 s', { max: 3600 });
}

function orders({ basic }) {
  basic(form.Flag, 'commands', _('Take orders'), {
    description: _('The broker may close sessions and grant access.'),
  });
  const allow = basic(form.DynamicList, 'allow', _('Orders that are taken'), {
    description: _('The first four, when none is chosen.'),
  });
  allow.value('close', _('Close a session'));
  allow.value('grant', _('Grant access'));
  allow.value('reload', _('Apply the configuration'));
  allow.value('status', _('Tell the state'));
  allow.value('logout_user', _('Log a user out'));
  allow.value('purchase', _('Redeem a voucher'));
  allow.value('voucher_create', _('Make vouchers and send their codes'));
  allow.value('payment_confirm', _('Serve what a hub says is paid'));
  settings.only('commands', [allow]);
}

return baseclass.extend({
  draw(tabs) {
    const on = tabs.basic(form.Flag, 'enabled', _('Switched on'));
    settings.demand(on, [broker(tabs)]);
    connection(tabs);
    reports(tabs);
    orders(tabs);
  },
});
