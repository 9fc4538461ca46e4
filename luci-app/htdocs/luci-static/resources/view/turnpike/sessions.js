'use strict';
'require poll';
'require view';
'require turnpike.api as api';
'require turnpike.cells as cells';
'require turnpike.csv as csv';
'require turnpike.daemon as daemon';
'require turnpike.sale as sale';
'require turnpike.session as session';
'require turnpike.table as table';
'require turnpike.units as units';

const mostEnded = 1000;

/** The session that another page leads to, by its id behind the #. */
function wanted() {
  const id = window.location.hash.slice(1);
  if (!/^[a-z0-9]{1,64}$/.test(id)) return null;
  return L.resolveDefault(api.call.session({ id }), { id });
}

return view.extend({
  load() {
    return Promise.all([api.hosts(), L.resolveDefault(api.call.plans(), { plans: [] }), wanted()]);
  },

  actions() {
    const button = (style, label, click) => E('button', { class: `btn cbi-button ${style}`, click }, [label]);
    return {
      id: 'actions',
      title: '',
      stamp: (row) => row.id + ['pending', 'active', 'suspended'].includes(row.state),
      draw: (cell, { id, state }) => {
        if (!['pending', 'active', 'suspended'].includes(state)) return cell.replaceChildren();
        const now = () => this.rows.find((row) => row.id === id);
        const close = () => session.closeDialog(now(), cells.nameOf(now(), this.hosts), this.refresh);
        const topUp = () => sale.dialog(this.plans, now(), this.refresh);
        cell.replaceChildren(
          button('cbi-button-action', _('Top up'), topUp),
          button('cbi-button-negative', _('Close'), close)
        );
      },
    };
  },

  found() {
    const word = this.search.value.trim().toLowerCase();
    return this.rows.filter((row) => cells.matches(row, word, this.hosts, this.titles.get(row.plan)));
  },

  draw() {
    const total = (way) => this.rows.reduce((sum, row) => sum + row.rates[way], 0);
    const online = this.rows.filter((row) => row.state === 'active').length;
    const speeds = [units.rate(total('down')), units.rate(total('up'))];
    this.figures.textContent =
      this.which.value === 'live'
        ? _('%d sessions, %d online, ↓ %s ↑ %s').format(this.rows.length, online, ...speeds)
        : _('%d sessions').format(this.rows.length);
    this.table.update(this.found());
  },

  export() {
    const heads = [
      'id',
      'mac',
      'user',
      'plan',
      'state',
      'up_bytes',
      'down_bytes',
      'created',
      'closed',
      'cause',
    ];
    const rows = this.found().map((row) => [
      ...heads.map((name) => row[name]),
      units.moneys(session.paid(row)),
    ]);
    csv.download('sessions.csv', [[...heads, 'paid'], ...rows]);
  },

  render([hosts, { plans }, asked]) {
    daemon.style();
    Object.assign(this, { hosts, plans, titles: session.titles(plans), rows: [] });
    const rated = cells.meter();
    this.search = E('input', {
      class: 'cbi-input-text turnpike-grow',
      type: 'text',
      placeholder: _('Search by name, MAC address, plan or receipt'),
      'aria-label': _('Search'),
      value: asked?.id ?? null,
      input: () => this.draw(),
    });
    this.which = E('select', { class: 'cbi-input-select', 'aria-label': _('Which sessions') }, [
      E('option', { value: 'live' }, [_('Running')]),
      E('option', { value: 'expired' }, [_('Used up')]),
      E('option', { value: 'terminated' }, [_('Ended before')]),
    ]);
    if (['expired', 'terminated'].includes(asked?.state)) this.which.value = asked.state;
    this.figures = E('span', {});
    const fetch = () => api.sessions(this.which.value, mostEnded);
    const { box, watch } = daemon.guard(fetch, (rows) => {
      this.rows = rated(rows);
      this.draw();
    });
    this.refresh = watch;
    this.which.addEventListener('change', watch);
    const columns = cells.columns(hosts, (row) => this.titles.get(row.plan) ?? row.plan);
    this.table = table.create({
      columns: daemon.mayWrite() ? [...columns, this.actions()] : columns,
      key: (row) => row.id,
      sorted: { id: 'client', down: false },
      empty: _('There is no such session.'),
    });
    const grant = () => sale.dialog(this.plans, null, watch);
    const bar = E('div', { class: 'turnpike-bar' }, [
      this.search,
      this.which,
      E('button', { class: 'btn cbi-button', click: () => this.export() }, [_('Download CSV')]),
      daemon.mayWrite()
        ? E('button', { class: 'btn cbi-button cbi-button-add', click: grant }, [_('Grant or sell access')])
        : '',
    ]);
    // What has ended does not change: it is fetched when it is asked for.
    poll.add(() => (this.which.value === 'live' ? watch() : Promise.resolve()), 5);
    return watch().then(() => [
      E('h2', {}, [_('Sessions')]),
      box,
      bar,
      E('p', {}, [this.figures]),
      E('div', { class: 'cbi-section' }, [this.table.node]),
    ]);
  },

  handleSaveApply: null,
  handleSave: null,
  handleReset: null,
});
