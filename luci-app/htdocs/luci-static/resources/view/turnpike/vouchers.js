'use strict';
'require poll';
'require view';
'require turnpike.api as api';
'require turnpike.cards as cards';
'require turnpike.csv as csv';
'require turnpike.daemon as daemon';
'require turnpike.table as table';
'require turnpike.units as units';

const mostShown = 2000;
const mostAtOnce = 500;

const states = {
  unused: _('not used'),
  in_use: _('in use'),
  spent: _('used up'),
  expired: _('expired'),
};

const columns = (titleOf) => [
  { id: 'hint', title: _('Code'), sort: (row) => row.hint, text: (row) => row.hint },
  { id: 'batch', title: _('Batch'), sort: (row) => row.batch, text: (row) => row.batch },
  { id: 'plan', title: _('Plan'), sort: titleOf, text: titleOf },
  {
    id: 'state',
    title: _('State'),
    sort: (row) => states[row.state],
    stamp: (row) => row.state,
    draw: (cell, { state }) =>
      cell.replaceChildren(
        E(
          'span',
          { class: `turnpike-badge ${state === 'in_use' ? 'good' : state === 'expired' ? 'bad' : ''}` },
          [states[state] ?? state]
        )
      ),
  },
  {
    id: 'until',
    title: _('Valid until'),
    sort: (row) => row.valid_until ?? Number.POSITIVE_INFINITY,
    text: (row) => (row.valid_until ? units.time(row.valid_until) : _('for ever')),
  },
];

return view.extend({
  load() {
    return L.resolveDefault(api.call.plans(), { plans: [] });
  },

  draw() {
    const word = this.search.value.trim().toLowerCase();
    const places = (row) => [row.hint, row.batch, row.plan, this.titleOf(row), states[row.state]];
    const shown = this.rows.filter((row) =>
      places(row).some((text) =>
        String(text ?? '')
          .toLowerCase()
          .includes(word)
      )
    );
    const count = (state) => this.rows.filter((row) => row.state === state).length;
    this.figures.textContent = _('%d vouchers: %d not used, %d in use, %d used up, %d expired').format(
      this.rows.length,
      ...Object.keys(states).map(count)
    );
    this.table.update(shown);
  },

  create() {
    const plan = E(
      'select',
      { class: 'cbi-input-select' },
      this.plans.map(({ id, title }) => E('option', { value: id }, [title]))
    );
    const count = E('input', { class: 'cbi-input-text', type: 'number', min: 1, max: mostAtOnce, value: 20 });
    const until = E('input', { class: 'cbi-input-text', type: 'date' });
    const act = () => {
      const number = Number(count.value);
      if (!Number.isInteger(number) || number < 1 || number > mostAtOnce) {
        throw new Error(_('Enter how many, from 1 to %d.').format(mostAtOnce));
      }
      // Good to the end of that day, by the reader's clock.
      const end = until.value ? new Date(`${until.value}T23:59:59`).getTime() / 1000 : undefined;
      if (end !== undefined && end * 1000 < Date.now()) throw new Error(_('That day is over.'));
      return api.call.voucher_create({ plan: plan.value, count: number, valid_until: end }).then((made) => {
        const { title } = this.plans.find(({ id }) => id === plan.value);
        return this.refresh().then(() => () => cards.show({ ...made, title, until: end }));
      });
    };
    const body = [
      daemon.field(_('Plan'), plan, _('Each voucher buys one step of it.')),
      daemon.field(_('How many'), count),
      daemon.field(_('Valid until'), until, _('Leave it empty for vouchers that do not expire.')),
    ];
    daemon.dialog(_('New vouchers'), body, _('Create'), act, 'cbi-button-positive');
  },

  export() {
    const heads = ['id', 'batch', 'plan', 'state', 'valid_until', 'hint'];
    csv.download('vouchers.csv', [heads, ...this.rows.map((row) => heads.map((name) => row[name]))]);
  },

  render({ plans }) {
    daemon.style();
    const titles = new Map(plans.map(({ id, title }) => [id, title]));
    Object.assign(this, { plans, rows: [], titleOf: (row) => titles.get(row.plan) ?? row.plan });
    this.search = E('input', {
      class: 'cbi-input-text turnpike-grow',
      type: 'text',
      placeholder: _('Search by code, batch, plan or state'),
      'aria-label': _('Search'),
      input: () => this.draw(),
    });
    this.figures = E('p', {});
    this.table = table.create({
      columns: columns(this.titleOf),
      key: (row) => row.id,
      sorted: { id: 'batch', down: true },
      empty: _('There are no vouchers.'),
    });
    const { box, watch } = daemon.guard(
      () => api.vouchers({}, mostShown),
      (rows) => {
        this.rows = rows;
        this.draw();
      }
    );
    this.refresh = watch;
    poll.add(watch, 15);
    const create = daemon.mayWrite()
      ? E('button', { class: 'btn cbi-button cbi-button-add', click: () => this.create() }, [
          _('New vouchers'),
        ])
      : '';
    return watch().then(() => [
      E('h2', {}, [_('Vouchers')]),
      E('div', { class: 'cbi-map-descr' }, [
        _('A voucher is a code on paper that buys access. The codes are shown once, when they are made.'),
      ]),
      box,
      E('div', { class: 'turnpike-bar' }, [
        this.search,
        E('button', { class: 'btn cbi-button', click: () => this.export() }, [_('Download CSV')]),
        create,
      ]),
      this.figures,
      E('div', { class: 'cbi-section' }, [this.table.node]),
    ]);
  },

  handleSaveApply: null,
  handleSave: null,
  handleReset: null,
});
