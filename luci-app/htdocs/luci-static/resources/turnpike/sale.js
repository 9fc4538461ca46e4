'use strict';
'require baseclass';
'require turnpike.api as api';
'require turnpike.daemon as daemon';
'require turnpike.device as device';
'require turnpike.fields as fields';
'require turnpike.session as session';
'require turnpike.steps as counted';
'require turnpike.units as units';

// The dialog that gives a customer access: for cash, or free of charge.

/** Devices that the router knows and that have no session yet: suggestions for the field of the MAC address. */
function devices(id) {
  const list = E('datalist', { id });
  const live = L.resolveDefault(api.all('sessions', { state: 'live' }), []);
  Promise.all([api.hosts(), live]).then(([hosts, sessions]) => {
    const taken = new Set(sessions.map(({ mac }) => mac.toUpperCase()));
    const words = ({ name, ipaddrs }) => [name, ipaddrs?.[0]].filter(Boolean).join(', ');
    const free = Object.keys(hosts)
      .filter((mac) => !taken.has(mac.toUpperCase()))
      .map((mac) => ({ mac: mac.toLowerCase(), text: words(hosts[mac]) }))
      .filter(({ text }) => text !== '');
    free.sort((a, b) => a.text.localeCompare(b.text));
    list.replaceChildren(...free.map(({ mac, text }) => E('option', { value: mac }, [text])));
  });
  return list;
}

/** How it is paid: for cash, as long as nobody chooses otherwise. */
function payment() {
  const node = E('select', { class: 'cbi-input-select' });
  let wanted = null;
  let shown = new Map();
  node.addEventListener('change', () => {
    wanted = node.value;
  });
  const show = (choices) => {
    const all = [...choices, ['grant', session.methods.grant]];
    node.replaceChildren(...all.map(([value, text]) => E('option', { value }, [text])));
    node.value = all.some(([value]) => value === wanted) ? wanted : all[0][0];
  };
  return {
    node,
    value: () => node.value,
    /** The price that whoever sells has seen: another one is refused. */
    paid: () => shown.get(node.value),
    offer(ways) {
      const cash = ways.filter((one) => one.method === 'cash');
      shown = new Map(cash.map((one) => [one.currency, one.amount]));
      show(cash.map((one) => [one.currency, _('cash, %s').format(units.money(one))]));
    },
    /** A plan without a price because of a fault must not be given away for nothing. */
    fail: (text) => show([['', text]]),
  };
}

/** What is sold first: something that has a price. */
function firstOf(plans) {
  return (plans.find((plan) => plan.prices.length > 0) ?? plans[0])?.id ?? ':data';
}

/** The fields of the dialog; `fit` is called when they may not fit each other any more. */
function fieldsOf(plans, fit) {
  const text = (more) => E('input', { class: 'cbi-input-text', type: 'text', ...more });
  return {
    mac: text({ placeholder: '4711', list: 'turnpike-devices' }),
    what: E('select', { class: 'cbi-input-select', change: fit }, [
      ...plans.map((plan) => E('option', { value: plan.id }, [plan.title])),
      E('option', { value: ':data' }, [_('Data, free of charge')]),
      E('option', { value: ':time' }, [_('Time, free of charge')]),
    ]),
    steps: text({ inputmode: 'numeric', value: 1, input: fit }),
    /** What they give, or what is wrong with them. */
    gives: E('span', { 'aria-live': 'polite' }),
    data: fields.quantity('data', '100 MB'),
    time: fields.quantity('time', '1 h'),
    pay: payment(),
    note: text({ maxlength: 128 }),
  };
}

/** What the fields ask for: a call for the device that is found. @throws when they are not filled in. */
function order(plans, { mac, what, steps, data, time, pay, note }, key) {
  if (!mac.value.trim()) throw new Error(_('Enter the code, the name or the MAC address of the device.'));
  const words = note.value.trim();
  if (!words) throw new Error(_('Enter a reason or a receipt, for the books.'));
  if (what.value === ':data' || what.value === ':time') {
    const amount = what.value === ':data' ? data.value() : time.value();
    if (!(amount >= 1)) throw new Error(_('Enter how much.'));
    const limit = what.value === ':data' ? { bytes: Math.round(amount) } : { seconds: Math.round(amount) };
    return (found) => api.call.grant({ mac: found, idempotency_key: key, ...limit, reason: words });
  }
  const sold = plans.find(({ id }) => id === what.value);
  const plan = { plan: sold.id, steps: counted.read(sold, steps) };
  if (pay.value() === 'grant')
    return (found) => api.call.grant({ mac: found, idempotency_key: key, ...plan, reason: words });
  if (pay.value() === '') throw new Error(_('Choose how it is paid.'));
  const payment = { method: 'cash', currency: pay.value(), reference: words, paid: pay.paid() };
  return (found) => api.call.purchase({ mac: found, idempotency_key: key, ...plan, payment });
}

/** Shows the rows that what is chosen has, and asks for its price. */
function fitter(plans, inputs, rows) {
  let newest = 0;
  const gives = (text, isFault = false) => {
    inputs.gives.textContent = text;
    inputs.gives.className = isFault ? 'turnpike-fault' : '';
  };
  return () => {
    const { what, steps, pay } = inputs;
    const plan = plans.find(({ id }) => id === what.value);
    rows.steps.hidden = !plan || plan.max_steps === 1;
    rows.pay.hidden = !plan;
    rows.data.hidden = what.value !== ':data';
    rows.time.hidden = what.value !== ':time';
    if (!plan) return;
    if (steps.dataset.plan !== plan.id) {
      counted.fit(plan, steps);
      steps.dataset.plan = plan.id;
    }
    newest += 1;
    const turn = newest;
    counted.quote(plan, steps).then(
      (quote) => {
        if (turn !== newest) return;
        gives(units.allotment(quote.allotment ?? {}));
        pay.offer(quote.payment ?? []);
      },
      (error) => {
        if (turn !== newest) return;
        const isSteps = error.code === 'bad_steps';
        gives(isSteps ? error.message : '', isSteps);
        pay.fail(isSteps ? '–' : error.message);
      }
    );
  };
}

/** For a session, or for a device that has none. */
function dialog(plans, topped, done) {
  const key = api.newKey();
  const inputs = fieldsOf(plans, () => fit());
  const rows = {
    mac: daemon.field(
      _('Device'),
      inputs.mac,
      topped ? '' : _('The code on its page, its name or its MAC address.')
    ),
    what: daemon.field(_('What'), inputs.what),
    steps: daemon.field(_('Steps'), inputs.steps, inputs.gives),
    data: daemon.field(_('Amount of data'), inputs.data.node),
    time: daemon.field(_('Amount of time'), inputs.time.node),
    pay: daemon.field(_('Paid with'), inputs.pay.node),
    note: daemon.field(_('Reason or receipt'), inputs.note),
  };
  const fit = fitter(plans, inputs, rows);
  const before = plans.find(({ id }) => id === topped?.plan);
  inputs.what.value = before?.id ?? firstOf(plans);
  if (topped) Object.assign(inputs.mac, { value: topped.mac, readOnly: true });
  const again = (error) => {
    if (error.code === 'price_differs') fit();
    throw error;
  };
  const act = () => {
    const send = order(plans, inputs, key);
    return device
      .resolve(inputs.mac.value.trim())
      .then(send)
      .then((result) => {
        daemon.tell(_('Done for %s: %s.').format(result.mac, session.states[result.state] ?? result.state));
        return done();
      }, again);
  };
  const title = topped ? _('Top up') : _('Grant or sell access');
  const body = topped ? Object.values(rows) : [...Object.values(rows), devices('turnpike-devices')];
  daemon.dialog(title, body, topped ? _('Top up') : _('Give access'), act, 'cbi-button-positive');
  fit();
}

return baseclass.extend({ dialog });
