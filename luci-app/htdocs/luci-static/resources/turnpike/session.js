'use strict';
'require baseclass';
'require ui';
'require turnpike.api as api';
'require turnpike.daemon as daemon';
'require turnpike.fields as fields';
'require turnpike.units as units';

// One session in words, and the two dialogs that change one.

const states = {
  pending: _('waiting for the gate'),
  active: _('online'),
  suspended: _('away'),
  closing: _('closing'),
  expired: _('used up'),
  terminated: _('ended'),
};

const causes = {
  time: _('time used up'),
  data: _('data used up'),
  admin: _('closed by hand'),
  user: _('logged out'),
  'pc-logout': _('logged out elsewhere'),
  conflict: _('another device took its place'),
  coa: _('ended by RADIUS'),
  idle: _('idle'),
  lost: _('stayed away'),
  reboot: _('restart'),
  'payment-failed': _('payment failed'),
  'payment-reversed': _('payment taken back'),
};

const methods = {
  grant: _('free of charge'),
  cash: _('cash'),
  voucher: _('voucher'),
  radius: _('RADIUS'),
  'x402r-session': _('wallet'),
  'x402-exact': _('wallet'),
  'x402-batch': _('wallet'),
};

/** Titles of plans by id; a grant of bare data or time has no plan. */
function titles(plans) {
  const others = [
    ['grant', _('Grant')],
    ['radius', _('RADIUS')],
  ];
  return new Map([...others, ...plans.map(({ id, title }) => [id, title])]);
}

function paid(session) {
  return units.sum(session.lots.flatMap((lot) => lot.paid ?? []));
}

function paidBy(session) {
  const names = new Set(session.lots.map((lot) => methods[lot.method] ?? lot.method));
  return Array.from(names).join(', ');
}

/** What goes back to the customer, by the way in which it was paid. */
function owed({ refunds }) {
  const ways = new Set(refunds.map((refund) => refund.method));
  return Array.from(ways, (way) => {
    const sums = units.sum(refunds.filter((refund) => refund.method === way));
    return { way: methods[way] ?? way, sums: sums.filter(({ amount }) => Number(amount) > 0) };
  }).filter(({ sums }) => sums.length > 0);
}

function closeDialog(session, name, done) {
  const words = ({ way, sums }) => _('%s, paid by %s').format(units.moneys(sums), way);
  const due = owed(session);
  const back = due.map((one) => E('li', {}, [words(one)]));
  const body = [
    E('p', {}, [name]),
    E('p', {}, [due.length ? _('Given back for what was not used:') : _('There is nothing to give back.')]),
    E('ul', {}, back),
    session.lots.some((lot) => lot.method === 'voucher')
      ? E('p', {}, [_('What is left of a voucher stays on it, unless it is for single use.')])
      : '',
    session.lots.some((lot) => lot.method.startsWith('x402'))
      ? E('p', {}, [_('What was paid in from a wallet goes back there by itself.')])
      : '',
    E('p', {}, [_('What is used until the gate is shut still counts.')]),
  ];
  const act = () =>
    api.call.close({ id: session.id, reason: 'admin' }).then((closed) => {
      const byHand = closed.refunds.filter((refund) => refund.state !== 'by_escrow');
      const given = owed({ refunds: byHand }).map(words);
      daemon.tell(
        given.length > 0 ? _('Closed. To be given back: %s').format(given.join('; ')) : _('Closed.')
      );
      return done();
    });
  daemon.dialog(_('Close this session?'), body, _('Close the session'), act, 'cbi-button-negative');
}

/** What the fields of the grant dialog ask for: a call and its arguments. @throws when they are not filled in. */
function order({ mac, what, steps, data, time, pay, note }, key) {
  const common = { mac: mac.value.trim(), idempotency_key: key };
  if (!common.mac) throw new Error(_('Enter the MAC address of the device.'));
  if (!note.value.trim()) throw new Error(_('Enter a reason or a receipt, for the books.'));
  const words = note.value.trim();
  const number = Number(steps.value);
  if (what.value === ':data' || what.value === ':time') {
    const amount = what.value === ':data' ? data.value() : time.value();
    if (!(amount >= 1)) throw new Error(_('Enter how much.'));
    const limit = what.value === ':data' ? { bytes: Math.round(amount) } : { seconds: Math.round(amount) };
    return () => api.call.grant({ ...common, ...limit, reason: words });
  }
  if (!Number.isInteger(number) || number < 1) throw new Error(_('Enter a whole number of steps.'));
  const plan = { plan: what.value, steps: number };
  if (pay.value === 'grant') return () => api.call.grant({ ...common, ...plan, reason: words });
  const payment = { method: 'cash', currency: pay.value, reference: words };
  return () => api.call.purchase({ ...common, ...plan, payment });
}

function grantDialog(plans, session, done) {
  const key = api.newKey();
  const [data, time] = [fields.quantity('data', '100 MB'), fields.quantity('time', '1 h')];
  const chosen = () => plans.find((plan) => plan.id === inputs.what.value);
  const inputs = {
    mac: E('input', { class: 'cbi-input-text', type: 'text', placeholder: '02:00:00:00:00:01' }),
    what: E('select', { class: 'cbi-input-select', change: () => fit() }, [
      ...plans.map((plan) => E('option', { value: plan.id }, [plan.title])),
      E('option', { value: ':data' }, [_('Data')]),
      E('option', { value: ':time' }, [_('Time')]),
    ]),
    steps: E('input', { class: 'cbi-input-text', type: 'number', min: 1, value: 1, change: () => fit() }),
    pay: E('select', { class: 'cbi-input-select' }),
    note: E('input', { class: 'cbi-input-text', type: 'text', maxlength: 128 }),
    data,
    time,
  };
  if (session) {
    inputs.mac.value = session.mac;
    inputs.mac.readOnly = true;
    if (plans.some((plan) => plan.id === session.plan)) inputs.what.value = session.plan;
  }
  const rows = {
    steps: daemon.field(_('Steps'), inputs.steps),
    data: daemon.field(_('Amount of data'), data.node),
    time: daemon.field(_('Amount of time'), time.node),
    pay: daemon.field(_('Paid with'), inputs.pay),
  };
  const offer = (payment) => {
    const free = E('option', { value: 'grant' }, [methods.grant]);
    const cash = payment.filter((one) => one.method === 'cash');
    const choices = cash.map((one) =>
      E('option', { value: one.currency }, [_('cash, %s').format(units.money(one))])
    );
    const before = inputs.pay.value;
    inputs.pay.replaceChildren(free, ...choices);
    if (choices.some((choice) => choice.value === before)) inputs.pay.value = before;
  };
  const fit = () => {
    const plan = chosen();
    rows.steps.hidden = !plan || plan.max_steps === 1;
    rows.pay.hidden = !plan;
    rows.data.hidden = inputs.what.value !== ':data';
    rows.time.hidden = inputs.what.value !== ':time';
    if (!plan) return;
    Object.assign(inputs.steps, { min: plan.min_steps, max: plan.max_steps });
    const steps = Number(inputs.steps.value);
    api.call.quote({ plan: plan.id, steps }).then(
      (quote) => plan === chosen() && offer(quote.payment ?? []),
      () => offer([])
    );
  };
  const body = [
    daemon.field(_('MAC address'), inputs.mac),
    daemon.field(_('What'), inputs.what),
    rows.steps,
    rows.data,
    rows.time,
    rows.pay,
    daemon.field(_('Reason or receipt'), inputs.note),
  ];
  const act = () =>
    order(inputs, key)().then((result) => {
      daemon.tell(_('Done: %s.').format(states[result.state] ?? result.state));
      return done();
    });
  const title = session ? _('Top up') : _('Grant or sell access');
  daemon.dialog(title, body, session ? _('Top up') : _('Give access'), act, 'cbi-button-positive');
  fit();
}

return baseclass.extend({
  states,
  causes,
  titles,
  paid,
  paidBy,
  closeDialog,
  grantDialog,
});
