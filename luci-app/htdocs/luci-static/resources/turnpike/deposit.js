'use strict';
'require baseclass';
'require turnpike.cells as cells';
'require turnpike.units as units';

// One deposit of a customer's wallet in words, and the columns of their table.

const states = {
  disputed: _('needs you'),
  'open-unknown': _('payment not confirmed'),
  'close-unknown': _('charge not confirmed'),
  reorged: _('lost by the chain'),
  opening: _('being paid in'),
  active: _('in use'),
  draining: _('to be charged'),
  closing: _('being charged'),
  closed: _('settled'),
  rejected: _('refused'),
};

/** Advice to the owner on deposits that do not go on by themselves. */
const advice = {
  disputed: _(
    'turnpike has stopped here: not all that was used could be charged. Look the transaction up, and settle the rest with the customer.'
  ),
  'open-unknown': _(
    'Nobody can say yet whether the money has come. turnpike keeps asking. Do not let the customer pay again meanwhile.'
  ),
  'close-unknown': _(
    'The charge was sent and is not confirmed. turnpike goes on trying. If it stays so, test the escrow under Upstream.'
  ),
  reorged: _(
    'The chain does not have the payment any more. turnpike sends it again; the customer stays online.'
  ),
};

const styles = {
  active: 'good',
  disputed: 'alarm',
  'open-unknown': 'waits',
  'close-unknown': 'waits',
  reorged: 'waits',
};

const methods = {
  'x402r-session': _('Session'),
  'x402-exact': _('Package'),
  'x402-batch': _('Channel'),
};

/** Where it stands; what is on the chain is in use only when there is a session, and a package is paid at once. */
function stateOf({ state, method, session }) {
  if (state !== 'active') return states[state] ?? state;
  if (method === 'x402-exact') return _('paid');
  return session ? states.active : _('paid in');
}

function drawState(cell, row) {
  cell.replaceChildren(E('span', { class: `turnpike-badge ${styles[row.state] ?? ''}` }, [stateOf(row)]));
}

function small(text) {
  return E('small', {}, [text]);
}

/** Nothing was paid in of what was refused. */
function drawPaidIn(cell, row) {
  const amount = row.state === 'rejected' ? '–' : units.money(row.paid_in);
  cell.replaceChildren(amount, small(methods[row.method] ?? row.method));
}

function drawCharged(cell, row) {
  if (row.state === 'rejected') return cell.replaceChildren('–');
  const lines = [];
  if (row.due) lines.push(small(_('%s due').format(units.amount(row.due))));
  if (row.method !== 'x402-exact') lines.push(small(_('%s signed').format(units.amount(row.signed))));
  cell.replaceChildren(units.amount(row.charged), ...lines);
}

/** Shortened by the style sheet: who copies it has all of it. */
function hash(text) {
  return E('code', { class: 'turnpike-hash', title: text }, [text]);
}

function hashes({ transaction, closing_transaction: closing }) {
  return Array.from(new Set([transaction, closing].filter(Boolean)));
}

function drawNote(cell, { state, note }) {
  const does = advice[state];
  cell.replaceChildren(...[does, note && (does ? small(note) : note)].filter(Boolean));
}

/** What came of it is certain: a package is paid at once. */
function isCounted({ state, method }) {
  return state === 'closed' || (state === 'active' && method === 'x402-exact');
}

/** The currency stands beside what was paid in, and all amounts of a row are in it. */
function columns(hosts, sessionUrl) {
  const name = (row) => cells.nameOf(row, hosts);
  const client = (cell, row) => cells.drawClient(cell, row, hosts, row.session && sessionUrl(row.session));
  // Of one currency all amounts have the same decimals: they sort as text, digit by digit.
  const amount = (field) => (row) => row[field].amount;
  const settled = (field) => (row) => (isCounted(row) ? units.amount(row[field]) : '–');
  const charged = (row) => [row.state, row.charged.amount, row.signed.amount, row.due?.amount].join();
  return [
    { id: 'when', title: _('When'), sort: (row) => row.created, text: (row) => units.time(row.created) },
    {
      id: 'client',
      title: _('Client'),
      sort: name,
      stamp: (row) => [name(row), row.session].join(),
      draw: client,
    },
    {
      id: 'state',
      title: _('State'),
      sort: stateOf,
      stamp: (row) => [row.state, row.session].join(),
      draw: drawState,
    },
    {
      id: 'paid-in',
      title: _('Paid in'),
      sort: amount('paid_in'),
      stamp: (row) => [row.state, row.paid_in.amount].join(),
      draw: drawPaidIn,
    },
    { id: 'charged', title: _('Charged'), sort: amount('charged'), stamp: charged, draw: drawCharged },
    {
      id: 'earned',
      title: _('Earned'),
      sort: amount('earned'),
      text: settled('earned'),
    },
    { id: 'returned', title: _('Given back'), sort: amount('returned'), text: settled('returned') },
    {
      id: 'hashes',
      title: _('Transaction'),
      stamp: (row) => hashes(row).join(),
      draw: (cell, row) => cell.replaceChildren(...hashes(row).map(hash)),
    },
    { id: 'note', title: _('Note'), stamp: (row) => [row.state, row.note].join(), draw: drawNote },
  ];
}

return baseclass.extend({ states, columns });
