'use strict';
'require poll';
'require uci';
'require view';
'require turnpike.api as api';
'require turnpike.cards as cards';
'require turnpike.codes as codes';
'require turnpike.csv as csv';
'require turnpike.daemon as daemon';
'require turnpike.listed as listed';
'require turnpike.units as units';

/** What a column is called where the daemon sorts. */
const sorts = { id: 'id', made: 'created', plan: 'plan', state: 'state', until: 'valid_until' };

const states = {
  unused: _('not used'),
  in_use: _('in use'),
  partly_used: _('partly used'),
  spent: _('used up'),
  expired: _('expired'),
  void: _('void'),
};

/** Those that buy something. */
const live = ['unused', 'in_use', 'partly_used'];

function drawState(cell, { state }) {
  const style = state === 'in_use' ? 'good' : live.includes(state) ? '' : 'bad';
  cell.replaceChildren(E('span', { class: `turnpike-badge ${style}` }, [states[state] ?? state]));
}

const columns = (titleOf) => {
  const left = (row) => (live.includes(row.state) ? units.allotment(row.remaining) : '–');
  const until = (row) => (row.valid_until ? units.time(row.valid_until) : _('for ever'));
  const state = (row) => row.state;
  const ends = (row) => row.valid_until ?? Number.POSITIVE_INFINITY;
  const made = (row) => row.created;
  return [
    { id: 'id', title: _('Voucher'), sort: (row) => row.id, text: (row) => row.id },
    { id: 'made', title: _('Made'), sort: made, text: (row) => units.time(row.created) },
    { id: 'plan', title: _('Plan'), sort: titleOf, text: titleOf },
    { id: 'left', title: _('Left'), text: left },
    { id: 'state', title: _('State'), sort: state, stamp: state, draw: drawState },
    { id: 'until', title: _('Valid until'), sort: ends, text: until },
  ];
};

return view.extend({
  load() {
    // Without the configuration vouchers are printed without name and address.
    return L.resolveDefault(uci.load('turnpike'), null);
  },

  actions(titleOf) {
    const again = ({ batch }) =>
      api.call.voucher_codes({ batch }).then(
        (made) => codes.show({ ...made, title: titleOf(made) }, _('Print again')),
        (error) => {
          daemon.say(error);
          this.refresh();
        }
      );
    const cancelBatch = (id) => {
      const act = () => api.call.voucher_void({ id }).then(this.refresh);
      const text = _('It buys nothing any more. A session that uses it goes on.');
      const body = [E('p', {}, [E('strong', {}, [id])]), E('p', {}, [text])];
      daemon.dialog(_('Void this batch?'), body, _('Void batch'), act, 'cbi-button-negative');
    };
    const cancel = ({ id, batch }) => {
      const act = () => api.call.voucher_void({ id }).then(this.refresh);
      const text = _('It buys nothing any more. A session that uses it goes on.');
      const whole = E('button', { class: 'btn cbi-button', click: () => cancelBatch(batch) }, [
        _('Void batch'),
        ` ${batch}`,
      ]);
      const body = [E('p', {}, [E('strong', {}, [id])]), E('p', {}, [text]), E('p', {}, [whole])];
      daemon.dialog(_('Void this voucher?'), body, _('Void'), act, 'cbi-button-negative');
    };
    const button = (style, label, click) => E('button', { class: `btn cbi-button ${style}`, click }, [label]);
    const buttons = (row) => [
      row.reprint ? button('', _('Print again'), () => again(row)) : '',
      ' ',
      button('cbi-button-negative', _('Void'), () => cancel(row)),
    ];
    return {
      id: 'actions',
      title: '',
      stamp: ({ state, reprint }) => `${live.includes(state)} ${reprint === true}`,
      draw: (cell, row) => cell.replaceChildren(...(live.includes(row.state) ? buttons(row) : [])),
    };
  },

  draw({ count, states: counts }, { plans }) {
    Object.assign(this, { plans, titles: new Map(plans.map(({ id, title }) => [id, title])) });
    const known = Object.keys(states).filter((state) => counts[state] > 0);
    const words = known.map((state) => `${counts[state]} ${states[state]}`);
    this.figures.textContent = [_('%d vouchers').format(count), ...words].join(', ');
  },

  export() {
    const heads = ['id', 'batch', 'plan', 'state', 'created', 'valid_until', 'redeemed'];
    return this.list
      .all()
      .then(
        (rows) => csv.download('vouchers.csv', [heads, ...rows.map((row) => heads.map((name) => row[name]))]),
        daemon.say
      );
  },

  render() {
    daemon.style();
    Object.assign(this, { plans: [], titles: new Map() });
    const titleOf = (row) => this.titles.get(row.plan) ?? row.plan;
    this.figures = E('p', {});
    this.list = listed.create({
      list: 'vouchers',
      columns: daemon.mayWrite() ? [...columns(titleOf), this.actions(titleOf)] : columns(titleOf),
      sorts,
      sorted: { id: 'made', down: true },
      empty: _('There are no vouchers.'),
      hint: _('Search by number, batch, plan or state'),
      words: (word) => listed.named(states, word),
      // The plans may have changed, and not have been there when the page was loaded.
      also: () => api.call.plans(),
      show: (reply, plans) => this.draw(reply, plans),
    });
    const { box, watch } = this.list;
    this.refresh = watch;
    poll.add(watch, 15);
    const create = daemon.mayWrite()
      ? E(
          'button',
          { class: 'btn cbi-button cbi-button-add', click: () => cards.create(this.plans, watch) },
          [_('New vouchers')]
        )
      : '';
    return watch().then(() => [
      E('h2', {}, [_('Vouchers')]),
      E('div', { class: 'cbi-map-descr' }, [
        _('A voucher is a code on paper that buys access. In this list it has a number.'),
      ]),
      box,
      E('div', { class: 'turnpike-bar' }, [
        this.list.search,
        E('button', { class: 'btn cbi-button', click: () => this.export() }, [_('Download CSV')]),
        create,
      ]),
      this.figures,
      this.list.node,
    ]);
  },

  handleSaveApply: null,
  handleSave: null,
  handleReset: null,
});
