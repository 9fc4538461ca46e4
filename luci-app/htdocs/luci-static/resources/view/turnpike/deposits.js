'use strict';
'require dom';
'require poll';
'require view';
'require turnpike.api as api';
'require turnpike.csv as csv';
'require turnpike.daemon as daemon';
'require turnpike.deposit as deposit';
'require turnpike.table as table';
'require turnpike.units as units';

const mostShown = 500;

/** The session that another page leads from, by its id behind the #. */
function wanted() {
  return /^[a-z0-9]{1,64}$/.exec(window.location.hash.slice(1))?.[0] ?? null;
}

/** The newest deposits, and those of a session, which may be older. */
function fetchRows(state, session) {
  const own = session ? api.deposits(state, mostShown, session) : [];
  return Promise.all([api.deposits(state, mostShown), own]).then(([rows, more]) => {
    const known = new Set(rows.map((row) => row.id));
    return rows.concat(more.filter((row) => !known.has(row.id)));
  });
}

const page = (name) => L.url('admin/services/turnpike', name);

function link(text, name) {
  return E('a', { href: page(name) }, [text]);
}

/** What is wrong with taking deposits as a whole: `{ text, level }`, or nothing. */
function troubleOf(standing, rows) {
  const open = rows.filter((row) => !deposit.isOver(row)).length;
  if (!standing && open > 0) {
    const text = _(
      '%d deposits are open, and nothing charges or closes them while the escrow is switched off.'
    );
    return { level: 'danger', text: text.format(open) };
  }
  if (!standing)
    return { level: 'info', text: _('No escrow is set up: customers cannot pay with a wallet.') };
  if (standing.state !== 'down') return null;
  const text = _('The escrow is not connected: %s').format(standing.error);
  return { level: 'warning', text };
}

return view.extend({
  load: () => api.hosts(),

  found() {
    const word = this.search.value.trim().toLowerCase();
    return this.rows.filter((row) => deposit.matches(row, word, this.hosts));
  },

  /** Sums over the rows that are shown. */
  drawFigures(rows) {
    const figure = (title, value, style) =>
      E('div', {}, [E('dt', {}, [title]), E('dd', { class: style ?? null }, [value])]);
    const total = (field, list) => units.moneys(units.sum(list.map((row) => row[field])));
    const disputed = rows.filter((row) => row.state === 'disputed');
    const all = rows.length >= mostShown ? _('%d, the newest').format(rows.length) : String(rows.length);
    dom.content(this.figures, [
      figure(_('Deposits'), all),
      figure(_('Held now'), total('held', rows)),
      figure(_('Earned'), total('earned', rows)),
      figure(_('Given back'), total('returned', rows)),
      disputed.length > 0 ? figure(_('Needs you'), String(disputed.length), 'turnpike-fault') : '',
    ]);
  },

  draw() {
    const rows = this.found();
    this.drawFigures(rows);
    this.table.update(rows);
  },

  drawTrouble(sink) {
    const trouble = troubleOf(sink, this.rows);
    // Who has never taken a deposit sees nothing but the way to begin.
    this.content.hidden = !sink && this.rows.length === 0 && this.which.value === '';
    this.trouble.hidden = trouble === null;
    if (trouble === null || this.trouble.dataset.text === trouble.text) return;
    this.trouble.dataset.text = trouble.text;
    this.trouble.className = `alert-message ${trouble.level} turnpike-trouble`;
    dom.content(this.trouble, [
      E('p', {}, [trouble.text]),
      link(_('To the settings under Upstream'), 'upstream'),
    ]);
  },

  export() {
    const names = ['id', 'session', 'mac', 'user', 'buyer', 'plan', 'method', 'state'];
    const sums = ['paid_in', 'signed', 'charged', 'held', 'earned', 'returned'];
    const last = ['transaction', 'closing_transaction', 'note'];
    const rows = this.found().map((row) => [
      new Date(row.created * 1000).toISOString(),
      ...names.map((name) => row[name]),
      row.paid_in.currency,
      ...sums.map((name) => row[name].amount),
      ...last.map((name) => row[name]),
    ]);
    csv.download('deposits.csv', [['created', ...names, 'currency', ...sums, ...last], ...rows]);
  },

  bar(watch, asked) {
    this.search = E('input', {
      class: 'cbi-input-text turnpike-grow',
      type: 'text',
      placeholder: _('Search by name, MAC address or wallet'),
      'aria-label': _('Search'),
      value: asked,
      input: () => this.draw(),
    });
    this.which = E(
      'select',
      { class: 'cbi-input-select', 'aria-label': _('Which deposits'), change: watch },
      [
        E('option', { value: '' }, [_('All')]),
        E('option', { value: 'open' }, [_('Not settled yet')]),
        ...Object.keys(deposit.states).map((state) => E('option', { value: state }, [deposit.states[state]])),
      ]
    );
    return E('div', { class: 'turnpike-bar' }, [
      this.search,
      this.which,
      E('button', { class: 'btn cbi-button', click: () => this.export() }, [_('Download CSV')]),
    ]);
  },

  render(hosts) {
    daemon.style();
    Object.assign(this, { hosts, rows: [] });
    this.figures = E('dl', { class: 'turnpike-summary' });
    this.trouble = E('div', { hidden: '' });
    const asked = wanted();
    const fetch = () => Promise.all([api.call.status(), fetchRows(this.which.value, asked)]);
    const { box, watch } = daemon.guard(fetch, ([status, rows]) => {
      this.rows = rows;
      this.drawTrouble(status.payments.find((payment) => payment.name === 'escrow'));
      this.draw();
    });
    this.table = table.create({
      columns: deposit.columns(hosts, (id) => `${page('sessions')}#${id}`),
      key: (row) => row.id,
      sorted: { id: 'when', down: true },
      empty: _('There is no such deposit.'),
    });
    this.content = E('div', { hidden: '' }, [
      this.bar(watch, asked),
      this.figures,
      E('div', { class: 'cbi-section' }, [this.table.node]),
    ]);
    poll.add(watch, 10);
    return watch().then(() => [
      E('h2', {}, [_('Deposits')]),
      E('div', { class: 'cbi-map-descr' }, [
        _(
          'What customers have paid in from their wallets: they are charged for what they use, and have the rest back.'
        ),
      ]),
      box,
      this.trouble,
      this.content,
    ]);
  },

  handleSaveApply: null,
  handleSave: null,
  handleReset: null,
});
