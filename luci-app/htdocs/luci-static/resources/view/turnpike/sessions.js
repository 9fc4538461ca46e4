'use strict';
'require poll';
'require view';
'require turnpike.api as api';
'require turnpike.cells as cells';
'require turnpike.csv as csv';
'require turnpike.daemon as daemon';
'require turnpike.listed as listed';
'require turnpike.sale as sale';
'require turnpike.session as session';
'require turnpike.units as units';

/** What a column is called where the daemon sorts. */
const sorts = { client: 'client', plan: 'plan', state: 'state', data: 'data', left: 'left' };

/** The session that another page leads to, by its id behind the #. */
function wanted() {
  const id = window.location.hash.slice(1);
  if (!/^[a-z0-9]{1,64}$/.test(id)) return null;
  return L.resolveDefault(api.call.session({ id }), { id });
}

return view.extend({
  load() {
    return Promise.all([api.hosts(), wanted()]);
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

  /** The plans come with each answer: they may have changed, and not have been there when the page was loaded. */
  draw({ sessions, count, online }, { plans }) {
    Object.assign(this, { rows: sessions, plans, titles: session.titles(plans) });
    const words = _('%d sessions').format(count);
    const total = (way) => sessions.reduce((sum, row) => sum + cells.speedOf(row)[way], 0);
    const speeds = [units.rate(total('down')), units.rate(total('up'))];
    if (this.which.value !== 'live') this.figures.textContent = words;
    else if (count > sessions.length)
      this.figures.textContent = `${words}, ${online} ${session.states.active}`;
    else this.figures.textContent = _('%d sessions, %d online, ↓ %s ↑ %s').format(count, online, ...speeds);
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
    const cells = (row) => [...heads.map((name) => row[name]), units.moneys(session.paid(row))];
    return this.list
      .all()
      .then((rows) => csv.download('sessions.csv', [[...heads, 'paid'], ...rows.map(cells)]), daemon.say);
  },

  /** What the daemon knows under another name than is shown here. */
  words(word) {
    const { hosts } = this;
    return [...listed.macsOf(hosts, word), ...listed.named(session.methods, word)];
  },

  render([hosts, asked]) {
    daemon.style();
    Object.assign(this, { hosts, plans: [], titles: session.titles([]), rows: [] });
    this.which = E('select', { class: 'cbi-input-select', 'aria-label': _('Which sessions') }, [
      E('option', { value: 'live' }, [_('Running')]),
      E('option', { value: 'expired' }, [_('Used up')]),
      E('option', { value: 'terminated' }, [_('Ended before')]),
    ]);
    if (['expired', 'terminated'].includes(asked?.state)) this.which.value = asked.state;
    this.figures = E('span', {});
    const columns = cells.columns(hosts, (row) => this.titles.get(row.plan) ?? row.plan);
    this.list = listed.create({
      list: 'sessions',
      columns: daemon.mayWrite() ? [...columns, this.actions()] : columns,
      sorts,
      sorted: { id: 'client', down: false },
      empty: _('There is no such session.'),
      hint: _('Search by name, MAC address, plan or receipt'),
      word: asked?.id,
      filter: () => ({ state: this.which.value }),
      words: (word) => this.words(word),
      also: () => api.call.plans(),
      show: (reply, plans) => this.draw(reply, plans),
    });
    const { watch, again } = this.list;
    this.refresh = watch;
    this.which.addEventListener('change', again);
    const grant = () => sale.dialog(this.plans, null, watch);
    const bar = E('div', { class: 'turnpike-bar' }, [
      this.list.search,
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
      this.list.box,
      bar,
      E('p', {}, [this.figures]),
      this.list.node,
    ]);
  },

  handleSaveApply: null,
  handleSave: null,
  handleReset: null,
});
