'use strict';
'require baseclass';
'require turnpike.api as api';
'require turnpike.daemon as daemon';
'require turnpike.units as units';

// One session in words, and the dialog that closes one.

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

function isDeposit({ method }) {
  return method.startsWith('x402');
}

/** The ways in which it was paid, each once. */
function ways({ lots }) {
  const found = new Map(lots.map((lot) => [methods[lot.method] ?? lot.method, isDeposit(lot)]));
  return Array.from(found, ([text, deposit]) => ({ text, deposit }));
}

function isEnded({ state }) {
  return state === 'expired' || state === 'terminated';
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
    session.lots.some(isDeposit)
      ? E('p', {}, [_('What was paid in from a wallet goes back there by itself.')])
      : '',
    E('p', {}, [_('What is used until the gate is shut still counts.')]),
  ];
  const act = () =>
    api.call.close({ id: session.id, reason: 'admin' }).then((closed) => {
      const byHand = closed.refunds.filter(({ state }) => !state.startsWith('by_'));
      const given = owed({ refunds: byHand }).map(words);
      // Another till may have closed it first, and its cashier has read the same sum.
      const due = closed.already
        ? _('It was closed before. To be given back once, if nobody has done so: %s')
        : _('Closed. To be given back: %s');
      if (given.length > 0) daemon.remind(due.format(given.join('; ')));
      else daemon.tell(_('Closed.'));
      return done();
    });
  daemon.dialog(_('Close this session?'), body, _('Close the session'), act, 'cbi-button-negative');
}

return baseclass.extend({
  states,
  causes,
  methods,
  titles,
  paid,
  ways,
  isEnded,
  closeDialog,
});
