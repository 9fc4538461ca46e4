'use strict';
'require baseclass';
'require form';
'require turnpike.daemon as daemon';
'require turnpike.fields as fields';
'require turnpike.settings as settings';

// The grids of portals and of payment methods, sections `gateway` and `method` of /etc/config/turnpike.

const products = { opennds: 'openNDS', nodogsplash: 'nodogsplash', nftables: _('turnpike itself') };
const programs = ['opennds', 'nodogsplash'];

function quantity(section, name, title, help, more) {
  const option = section.option(fields.Quantity, name, title, help);
  return Object.assign(option, { kind: 'time', rmempty: true, modalonly: true }, more);
}

/** Shows an option of portals that are programs only for these. */
function ofPrograms(option, more) {
  for (const type of programs) option.depends({ type, ...more });
}

/** What turnpike itself needs to know where it stands at the gate. */
function ownGate(section) {
  const macs = (name, title, help) => {
    const devices = section.option(fields.CheckedList, name, title, help);
    devices.validate = settings.matching(
      /^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}$/,
      _('Enter a MAC address such as 02:00:00:00:00:01.')
    );
    devices.twice = _('There are two entries of one device.');
    return devices;
  };
  const hosts = section.option(fields.CheckedList, 'allow_host', _('Open names'));
  hosts.description = _('Open to everybody. The package dnsmasq-full finds their addresses.');
  hosts.placeholder = 'pay.example.com';
  hosts.validate = settings.matching(
    /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    _('Enter a name such as pay.example.com, in lower case.')
  );
  hosts.twice = _('There are two entries of one name.');
  const dns = section.option(form.ListValue, 'allow_dns', _('Names without a session'));
  dns.description = _('The router looks them up, five a second for each device.');
  dns.value('any', _('whomever they ask'));
  dns.value('router', _('only when they ask the router'));
  dns.default = 'any';
  const lead = section.option(form.Flag, 'redirect', _('Lead to the page'));
  Object.assign(lead, { default: '1' });
  lead.description = _('Plain web pages of devices without a session lead to the page.');
  const away = quantity(
    section,
    'away_after',
    _('Away after'),
    _('Of silence. Nothing is sent to find out.'),
    {
      placeholder: '5 min',
      min: 10,
      max: 3600,
    }
  );
  const free = _('They need no session, and reach the router: name your own.');
  const lists = [
    macs('allow_mac', _('Free devices'), free),
    macs('deny_mac', _('Shut devices'), _('They pass nothing, whatever they buy.')),
    hosts,
  ];
  for (const list of lists) list.codeOf = (entry) => entry.toLowerCase();
  for (const option of [...lists, dns, lead, away]) {
    option.modalonly = true;
    option.depends('type', 'nftables');
  }
}

function gateways(map) {
  const about = _('In the settings of the portal itself, leave its session time-out and quotas at 0.');
  const section = map.section(form.GridSection, 'gateway', _('Portals'), about);
  Object.assign(section, { addremove: daemon.mayWrite(), nodescriptions: true });
  daemon.guardGrid(section);
  section.addbtntitle = _('Add portal');
  section.modaltitle = (id) => _('Portal %s').format(id);
  const type = section.option(form.ListValue, 'type', _('Type'));
  for (const id in products) type.value(id, products[id]);
  type.textvalue = (id) => E('span', {}, [products[type.cfgvalue(id)] ?? '–']);
  const how = section.option(form.ListValue, 'transport', _('Reached by'));
  how.value('socket', _('its control socket'));
  how.value('command', _('its command'));
  Object.assign(how, { default: 'socket', modalonly: true });
  ofPrograms(how);
  const socket = section.option(form.Value, 'socket', _('Socket'), _('Its usual place, when empty.'));
  ofPrograms(socket, { transport: 'socket' });
  const command = section.option(form.Value, 'command', _('Command'));
  ofPrograms(command, { transport: 'command' });
  command.placeholder = '/usr/bin/ndsctl';
  for (const path of [socket, command]) Object.assign(path, { validate: settings.absolute, modalonly: true });
  const where = section.option(fields.CheckedList, 'interface', _('Interfaces'));
  where.description = _('The networks of its customers. The one that a portal daemon serves, when empty.');
  Object.assign(where, { placeholder: 'br-lan', modalonly: true, codeOf: (entry) => entry });
  where.validate = settings.matching(/^[A-Za-z0-9_.@-]{1,15}$/, _('Enter an interface such as br-lan.'));
  where.twice = _('There are two entries of one interface.');
  const own = section.option(form.Flag, 'exclusive', _('Shut others'));
  own.description = _('A client without a session is shut. Off: others open gates of this portal too.');
  own.default = '1';
  ofPrograms(own);
  const twice = section.option(form.ListValue, 'double_mac', _('One MAC, two devices'));
  twice.description = _('A stolen address, perhaps.');
  twice.value('report', _('report it'));
  twice.value('suspend', _('suspend the session'));
  twice.value('close', _('close the session'));
  Object.assign(twice, { default: 'report', modalonly: true });
  ofPrograms(twice);
  const restart = section.option(form.Value, 'restart', _('Restart command'));
  restart.description = _('Called with "restart" when the portal does not come round by itself.');
  Object.assign(restart, {
    placeholder: '/etc/init.d/opennds',
    validate: settings.absolute,
    modalonly: true,
  });
  ofPrograms(restart);
  ownGate(section);
  quantity(section, 'poll_min', _('Shortest poll'), _('How closely a client near its cap is watched.'), {
    placeholder: '250 ms',
    min: 0.05,
    max: 60,
  });
  quantity(section, 'poll_max', _('Longest poll'), _('How seldom a quiet portal is looked at.'), {
    placeholder: '10 s',
    min: 0.1,
    max: 600,
  });
  const share = section.option(form.Value, 'poll_share', _('Share of its time'));
  share.description = _('Polls never take more of the portal than this, in percent.');
  Object.assign(share, { datatype: 'and(uinteger,range(1,90))', placeholder: '25', modalonly: true });
  const on = section.option(form.Flag, 'enabled', _('Switched on'));
  Object.assign(on, { default: '1', editable: true });
}

function payments(map) {
  const section = map.section(form.GridSection, 'method', _('Ways to pay'));
  Object.assign(section, { addremove: false, nodescriptions: true });
  daemon.guardGrid(section);
  section.modaltitle = (id) => _('Way to pay: %s').format(id);
  const currency = section.option(fields.CheckedList, 'currency', _('Currencies'));
  currency.description = _('A code and its decimals, such as USD 2.');
  currency.rmempty = false;
  currency.textvalue = (id) => E('span', {}, [[].concat(currency.cfgvalue(id) ?? []).join(', ')]);
  currency.validate = fields.checkCurrency;
  currency.codeOf = (entry) => entry.split(/\s+/)[0];
  currency.twice = _('There are two entries of one currency.');
  const on = section.option(form.Flag, 'enabled', _('Switched on'));
  Object.assign(on, { default: '1', editable: true });
}

return baseclass.extend({ gateways, payments });
