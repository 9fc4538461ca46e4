'use strict';
'require form';
'require uci';
'require view';
'require turnpike.daemon as daemon';
'require turnpike.fields as fields';
'require turnpike.offer as offer';
'require turnpike.typed as typed';

const tenYears = 3650 * 86400;

function checkTitle(_section, value) {
  if (value === '' || /^[^\p{Cc}\p{Cs}]{1,100}$/u.test(value)) return true;
  return _('This has to be one line of text.');
}

/** Decimals of each currency, by payment method. */
function decimals() {
  return uci.sections('turnpike', 'method').flatMap(({ '.name': method, currency }) =>
    [].concat(currency ?? []).map((text) => {
      const [code, places] = text.split(/\s+/);
      return { method, code, places: Number(places) };
    })
  );
}

/** What can be read in one way is written as the configuration has it; the rest stays, and is refused. */
function tidyPrice(value) {
  return typed.price(value, Array.from(new Set(decimals().map(({ code }) => code)))) ?? value;
}

function checkPrice(_section, value) {
  if (value === '') return true;
  const price = tidyPrice(value);
  if (!offer.priceForm.test(price)) return offer.faultOf(value);
  const [amount, currency] = price.split(/\s+/);
  const digits = (amount.split('.')[1] ?? '').replace(/0+$/, '').length;
  const coarse = decimals().find((one) => one.code === currency && one.places < digits);
  if (!coarse) return true;
  return _('%s has %d decimals of %s.').format(coarse.method, coarse.places, currency);
}

const codeOf = (price) => price.split(/\s+/)[1];

function whole(option, min, max, placeholder) {
  // LuCI's `range` takes fractions.
  option.datatype = `and(uinteger,range(${min},${max}))`;
  option.placeholder = placeholder;
  option.modalonly = true;
}

function quantity(section, tab, name, kind, title, help) {
  const option = section.taboption(tab, fields.Quantity, name, title, help);
  Object.assign(option, { kind, modalonly: true, rmempty: true });
  if (kind === 'time') option.max = tenYears;
  return option;
}

/** The two fields of the one option `step`: it is an amount of data, or of time. */
function steps(section) {
  for (const [metric, kind, hint] of [
    ['bytes', 'data', '100 MB'],
    ['time', 'time', '1 h'],
  ]) {
    const option = quantity(section, 'price', `step_${kind}`, kind, _('One step'), _('What one step sells.'));
    Object.assign(option, { ucioption: 'step', rmempty: false, placeholder: hint });
    option.depends('metric', metric);
  }
}

function priceTab(section) {
  let option = section.taboption('price', form.Value, 'title', _('Title'), _('What customers read.'));
  Object.assign(option, { validate: checkTitle, modalonly: true });
  option = section.taboption('price', form.ListValue, 'metric', _('Sells'));
  option.value('bytes', _('data'));
  option.value('time', _('time'));
  option.modalonly = true;
  steps(section);
  option = section.taboption('price', fields.CheckedList, 'price', _('Price of one step'));
  option.description = _('One for each currency. Without a price the plan is only granted.');
  Object.assign(option, { placeholder: '0.50 USD', validate: checkPrice, codeOf, modalonly: true });
  option.tidy = tidyPrice;
  option.twice = _('There are two entries of one currency.');
  option = section.taboption('price', form.Value, 'free_per_day', _('Free, times a day'));
  option.description = _(
    'For each device, at the price 0. A phone that changes its MAC address is a new device.'
  );
  whole(option, 1, 100, _('not free'));
  option = section.taboption('price', form.Value, 'free_per_day_total', _('Free, all devices together'));
  option.description = _('Times a day.');
  option.depends({ free_per_day: '', '!reverse': true });
  whole(option, 1, 10000, '10000');
  option = section.taboption('price', form.Value, 'min_steps', _('Fewest steps'));
  whole(option, 1, 1000000000, '1');
  option.onchange = (_event, id) => most.triggerValidation(id);
  const most = section.taboption('price', form.Value, 'max_steps', _('Most steps'));
  most.description = _('1 makes a fixed package.');
  whole(most, 1, 1000000000, '1000');
  most.validate = function (id, value) {
    return offer.checkMost(this.section.formvalue(id, 'min_steps'), value);
  };
  option = section.taboption('price', offer.Preview, '_preview', _('Customers get'));
  option.modalonly = true;
}

function capsTab(section) {
  section.tab('caps', _('Limits'), _('The first limit that is reached ends the session.'));
  quantity(section, 'caps', 'bytes', 'data', _('Data')).depends('metric', 'time');
  quantity(section, 'caps', 'seconds', 'time', _('Time online')).depends('metric', 'bytes');
  quantity(section, 'caps', 'down_bytes', 'data', _('Data down'));
  quantity(section, 'caps', 'up_bytes', 'data', _('Data up'));
  const help = _('Time since the session began, online or not.');
  quantity(section, 'caps', 'valid_for', 'time', _('To be used within'), help);
  quantity(section, 'caps', 'down_rate', 'rate', _('Speed down'));
  quantity(section, 'caps', 'up_rate', 'rate', _('Speed up'));
}

function rulesTab(section) {
  section.tab('rules', _('Rules'));
  const idle = quantity(section, 'rules', 'idle_timeout', 'time', _('Idle time-out'));
  idle.description = _('Without traffic for this long the session ends.');
  idle.min = 10;
  let option = section.taboption('rules', form.Value, 'devices', _('Devices'));
  option.description = _('How many of one customer may be online at the same time.');
  whole(option, 1, 100, '1');
  option = section.taboption('rules', form.Flag, 'pause_away', _('Pause while away'));
  option.description = _('Time stands still while the customer is away.');
  option.modalonly = true;
}

function columns(section) {
  const cell = (name, title, text) => {
    const option = section.option(form.DummyValue, name, title);
    option.modalonly = false;
    option.textvalue = (id) => E('span', {}, [].concat(text(uci.get('turnpike', id) ?? {})));
  };
  cell('_title', _('Title'), (plan) => plan.title ?? plan['.name']);
  cell('_buys', _('Customers get'), (plan) =>
    offer.describe(plan).flatMap((line, at) => (at === 0 ? [E('strong', {}, [line])] : [E('br'), line]))
  );
  const option = section.option(form.Flag, 'enabled', _('For sale'));
  Object.assign(option, { default: '1', editable: true });
}

return view.extend({
  render() {
    daemon.style();
    daemon.guardForm(this);
    const about = _('What is for sale, in the order in which customers see it.');
    const map = new form.Map('turnpike', _('Pricing'), about);
    const section = map.section(form.GridSection, 'plan');
    const write = daemon.mayWrite();
    Object.assign(section, { addremove: write, sortable: write, nodescriptions: true });
    daemon.guardGrid(section);
    section.addbtntitle = _('Add plan');
    section.modaltitle = (id) => _('Plan %s').format(id);
    section.tab('price', _('Price'));
    columns(section);
    priceTab(section);
    capsTab(section);
    rulesTab(section);
    return map.render();
  },
});
