'use strict';
'require dom';
'require poll';
'require view';
'require turnpike.api as api';
'require turnpike.csv as csv';
'require turnpike.daemon as daemon';
'require turnpike.deposit as deposit';
'require turnpike.listed as listed';
'require turnpike.menu as menu';
'require turnpike.units as units';

/** What a column is called where the daemon sorts. */
const sorts = {
  when: 'created',
  client: 'client',
  state: 'state',
  'paid-in': 'paid_in',
  charged: 'charged',
  earned: 'earned',
  returned: 'returned',
};

/** The session that another page leads from, by its id behind the #. */
function wanted() {
  return /^[a-z0-9]{1,64}$/.exec(window.location.hash.slice(1))?.[0] ?? null;
}

/** How the escrow stands, and how many deposits are left behind where there is none. */
function fetchStanding() {
  return api.call.status().then((status) => {
    const standing = status.payments.find((payment) => payment.name === 'escrow');
    if (standing) return { standing, open: 0 };
    return api.call.deposits({ state: 'open', limit: 1 }).then(({ count }) => ({ open: count }));
  });
}

const page = (name) => L.url('admin/services/turnpike', name);

function link(text, name) {
  return E('a', { href: page(name) }, [text]);
}

/** What is wrong with taking deposits as a whole: `{ text, level }`, or nothing. */
function troubleOf({ standing, open }) {
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
  load: () => Promise.all([api.hosts(), menu.names()]),

  /** Sums over all that is found, on every page. */
  drawFigures({ count, states, totals }) {
    const figure = (title, value, style) =>
      E('div', {}, [E('dt', {}, [title]), E('dd', { class: style ?? null }, [value])]);
    const total = (field) => units.moneys(units.sum(totals.map((one) => one[field])));
    dom.content(this.figures, [
      figure(_('Deposits'), String(count)),
      figure(_('Held now'), total('held')),
      figure(_('Earned'), total('earned')),
      figure(_('Given back'), total('returned')),
      states.disputed > 0 ? figure(_('Needs you'), String(states.disputed), 'turnpike-fault') : '',
    ]);
  },

  drawTrouble(beside, count) {
    const trouble = troubleOf(beside);
    // Who has never taken a deposit sees nothing but the way to begin.
    const isAsked = this.which.value !== '' || this.list.search.value !== '';
    this.content.hidden = !beside.standing && count === 0 && !isAsked;
    this.trouble.hidden = trouble === null;
    if (trouble === null || this.trouble.dataset.text === trouble.text) return;
    this.trouble.dataset.text = trouble.text;
    this.trouble.className = `alert-message ${trouble.level} turnpike-trouble`;
    dom.content(this.trouble, [
      E('p', {}, [trouble.text]),
      this.open.has('upstream') ? link(_('To the settings under Upstream'), 'upstream') : '',
    ]);
  },

  export() {
    const names = ['id', 'session', 'mac', 'user', 'buyer', 'plan', 'method', 'state'];
    const sums = ['paid_in', 'signed', 'charged', 'held', 'earned', 'returned'];
    const last = ['transaction', 'closing_transaction', 'note'];
    const cells = (row) => [
      new Date(row.created * 1000).toISOString(),
      ...names.map((name) => row[name]),
      row.paid_in.currency,
      ...sums.map((name) => row[name].amount),
      ...last.map((name) => row[name]),
    ];
    const heads = ['created', ...names, 'currency', ...sums, ...last];
    return this.list
      .all()
      .then((rows) => csv.download('deposits.csv', [heads, ...rows.map(cells)]), daemon.say);
  },

  bar() {
    this.which = E(
      'select',
      { class: 'cbi-input-select', 'aria-label': _('Which deposits'), change: () => this.list.again() },
      [
        E('option', { value: '' }, [_('All')]),
        E('option', { value: 'open' }, [_('Not settled yet')]),
        ...Object.keys(deposit.states).map((state) => E('option', { value: state }, [deposit.states[state]])),
      ]
    );
    return E('div', { class: 'turnpike-bar' }, [
      this.list.search,
      this.which,
      E('button', { class: 'btn cbi-button', click: () => this.export() }, [_('Download CSV')]),
    ]);
  },

  render([hosts, open]) {
    daemon.style();
    this.open = open;
    this.figures = E('dl', { class: 'turnpike-summary' });
    this.trouble = E('div', { hidden: '' });
    this.list = listed.create({
      list: 'deposits',
      columns: deposit.columns(hosts, (id) => `${page('sessions')}#${id}`),
      sorts,
      sorted: { id: 'when', down: true },
      empty: _('There is no such deposit.'),
      hint: _('Search by name, MAC address or wallet'),
      word: wanted(),
      filter: () => ({ state: this.which.value || undefined }),
      words: (word) => [...listed.macsOf(hosts, word), ...listed.named(deposit.states, word)],
      also: fetchStanding,
      show: (reply, beside) => {
        this.drawTrouble(beside, reply.count);
        this.drawFigures(reply);
      },
    });
    const { box, watch } = this.list;
    const bar = this.bar();
    this.content = E('div', { hidden: '' }, [bar, this.figures, this.list.node]);
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
