'use strict';
'require form';
'require poll';
'require view';
'require turnpike.api as api';
'require turnpike.daemon as daemon';
'require turnpike.fields as fields';
'require turnpike.health as health';
'require turnpike.portals as portals';
'require turnpike.settings as settings';
'require turnpike.setup as setup';

const tenYears = 3650 * 86400;

function quantity(section, tab, name, title, help, more) {
  const option = section.taboption(tab, fields.Quantity, name, title, help);
  return Object.assign(option, { kind: 'time', rmempty: true }, more);
}

function daemonTab(section) {
  section.tab('daemon', _('Daemon'));
  section.taboption('daemon', form.Flag, 'enabled', _('Switched on')).default = '1';
  let option = section.taboption('daemon', form.Value, 'router', _('Name of this router'));
  option.description = _('How it is known upstream. The name of the host, when empty.');
  option.validate = settings.name;
  option = section.taboption('daemon', form.ListValue, 'log_level', _('Log'));
  option.value('error', _('errors'));
  option.value('warn', _('warnings too'));
  option.value('info', _('what happens'));
  option.value('debug', _('everything'));
  option.default = 'info';
  quantity(section, 'daemon', 'heartbeat', _('Heartbeat'), _('Subscribers hear from turnpike this often.'), {
    placeholder: '20 s',
    max: 29,
  });
}

function pageTab(section) {
  section.tab('page', _('Page'));
  const text = section.taboption('page', form.Value, 'where_to_buy', _('Where to buy'));
  text.description = _(
    'What customers read who have not paid: where they buy, whom they call. Empty: that they ask you.'
  );
  text.validate = settings.matching(
    /^[^\p{Cc}\p{Cs}]{1,500}$/u,
    _('Enter one line of 500 characters at the most.')
  );
  const port = section.taboption('page', form.Value, 'page_port', _('Port'));
  port.description = _(
    'Where that page is served. The set-up of a portal enters it; without it there is no page.'
  );
  port.datatype = 'port';
}

function meteringTab(section) {
  section.tab('metering', _('Metering'));
  const low = section.taboption('metering', form.Value, 'low_percent', _('Warn customers at'));
  low.description = _('Percent of what they bought.');
  Object.assign(low, { datatype: 'and(uinteger,range(1,100))', placeholder: '80' });
  const away = _('A session that is away for this long ends; 0 for never.');
  quantity(section, 'metering', 'lost_after', _('Give up after'), away, {
    placeholder: '30 d',
    min: 0,
    max: tenYears,
  });
  const down = section.taboption('metering', form.Flag, 'bill_downtime', _('Bill downtime'));
  down.description = _('Time in which the router was off counts too.');
  const kernel = section.taboption('metering', form.Flag, 'backstop', _('Backstop'));
  kernel.description = _('Caps stand in the kernel too, and hold while turnpike or the portal does not.');
  kernel.default = '1';
  const offload = section.taboption(
    'metering',
    form.Flag,
    'allow_offload',
    _('Sell data beside flow offload')
  );
  offload.description = _(
    'Flow offload takes packets past caps and counters: without this no data is sold meanwhile.'
  );
  offload.depends('backstop', '1');
  const nft = section.taboption('metering', form.Value, 'nft', _('nft program'));
  nft.depends('backstop', '1');
  Object.assign(nft, { placeholder: '/usr/sbin/nft', validate: settings.absolute, retain: true });
  const threads = section.taboption('metering', form.Value, 'threads', _('Threads'));
  threads.description = _('They read the portals. Each takes about 9 MB of memory.');
  Object.assign(threads, { datatype: 'and(uinteger,range(0,4))', placeholder: '1' });
}

function storageTab(section) {
  section.tab('storage', _('Storage'));
  const place = section.taboption('storage', form.Value, 'directory', _('Directory'));
  place.description = _(
    'The journal of sales and sessions. Keep it on flash: memory is lost with the power.'
  );
  Object.assign(place, { placeholder: '/etc/turnpike/state', validate: settings.absolute });
  const often = _('Usage is written this often, sales at once. A power cut loses no more of it than this.');
  quantity(section, 'storage', 'flush_interval', _('Write usage every'), often, {
    placeholder: '60 s',
    max: 3600,
  });
  const again = section.taboption('storage', form.Flag, 'reprint', _('Print vouchers again'));
  again.description = _('Codes of new vouchers are kept, encrypted, until the first one of a batch is used.');
  again.default = '1';
}

return view.extend({
  render() {
    daemon.style();
    daemon.guardForm(this);
    const map = new form.Map('turnpike');
    const main = map.section(form.NamedSection, 'main', 'turnpike');
    daemonTab(main);
    meteringTab(main);
    storageTab(main);
    pageTab(main);
    portals.gateways(map);
    portals.payments(map);
    const [state, verdict] = [E('div', {}), E('div', {})];
    const { box, watch } = daemon.guard(api.call.status, (status) => health.draw(state, status));
    poll.add(watch, 5);
    const button = E('button', { class: 'btn cbi-button', click: () => health.check(verdict) }, [
      _('Read the saved settings again'),
    ]);
    return Promise.all([map.render(), watch()]).then(([form]) => [
      E('h2', {}, [_('General')]),
      box,
      state,
      daemon.mayWrite() ? E('p', {}, [button]) : '',
      setup.draw(),
      verdict,
      form,
    ]);
  },
});
