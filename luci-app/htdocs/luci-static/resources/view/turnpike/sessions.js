'use strict';
'require poll';
'require view';
'require turnpike.api as api';
'require turnpike.csv as csv';
'require turnpike.daemon as daemon';
'require turnpike.session as session';
'require turnpike.table as table';
'require turnpike.units as units';

const mostEnded = 1000;
/** Rates are taken over this long, in ms: the daemon counts a quiet client every 10 s only. */
const rateWindow = 15000;

/** Rates from the counts of the last polls; the daemon tells them for one client at a time only. */
function meter() {
  const samples = new Map();
  return (rows) => {
    const now = Date.now();
    const seen = new Map();
    for (const row of rows) {
      const recent = (samples.get(row.id) ?? []).filter((one) => now - one.at < rateWindow);
      recent.push({ at: now, up: row.up_bytes, down: row.down_bytes });
      seen.set(row.id, recent);
      const span = (now - recent[0].at) / 1000;
      const rate = (way) => (span > 0 ? ((row[`${way}_bytes`] - recent[0][way]) * 8) / span : 0);
      row.rates = { up: rate('up'), down: rate('down') };
    }
    samples.clear();
    for (const [id, recent] of seen) samples.set(id, recent);
    return rows;
  };
}

function nameOf(row, hosts) {
  const host = hosts[row.mac.toUpperCase()] ?? {};
  return row.user ?? host.name ?? host.ipaddrs?.[0] ?? row.mac;
}

function usage(row) {
  const { granted, remaining } = row;
  const used = row.up_bytes + row.down_bytes;
  if (granted.bytes === undefined) return { text: _('%s used').format(units.bytes(used)) };
  const text = _('%s left of %s').format(units.bytes(remaining.bytes), units.bytes(granted.bytes));
  return { share: 1 - remaining.bytes / granted.bytes, text };
}

function drawData(cell, row) {
  const { share, text } = usage(row);
  if (share === undefined) cell.replaceChildren(text);
  else table.drawBar(cell, share, text);
}

function timeLeft({ remaining }) {
  const left = [remaining.seconds, remaining.valid_seconds].filter((n) => n !== undefined);
  return left.length > 0 ? Math.min(...left) : Number.POSITIVE_INFINITY;
}

function drawTime(cell, row) {
  const { granted, remaining } = row;
  const limit = granted.seconds !== undefined ? 'seconds' : 'valid_seconds';
  if (granted[limit] === undefined) return cell.replaceChildren('∞');
  table.drawBar(cell, 1 - remaining[limit] / granted[limit], units.span(timeLeft(row)));
}

function drawState(cell, { state, cause }) {
  const kind = state === 'active' ? 'good' : state === 'closing' ? 'bad' : '';
  const more = cause === undefined ? '' : E('small', {}, [session.causes[cause] ?? cause]);
  cell.replaceChildren(
    E('span', { class: `turnpike-badge ${kind}` }, [session.states[state] ?? state]),
    more,
  );
}

function rates({ rates: { up, down } }) {
  return up + down < 1 ? '–' : `↓ ${units.rate(down)}\n↑ ${units.rate(up)}`;
}

return view.extend({
  load() {
    return Promise.all([api.hosts(), L.resolveDefault(api.call.plans(), { plans: [] })]);
  },

  columns() {
    const titleOf = (row) => this.titles.get(row.plan) ?? row.plan;
    const columns = [
      { id: 'client', title: _('Client'), sort: (row) => nameOf(row, this.hosts), ...this.clientCell() },
      { id: 'plan', title: _('Plan'), sort: titleOf, text: titleOf },
      {
        id: 'state',
        title: _('State'),
        sort: (row) => session.states[row.state],
        stamp: (row) => row.state + row.cause,
        draw: drawState,
      },
      {
        id: 'data',
        title: _('Data'),
        sort: (row) => row.up_bytes + row.down_bytes,
        stamp: (row) => `${usage(row).text} ${usage(row).share}`,
        draw: drawData,
      },
      {
        id: 'left',
        title: _('Time left'),
        sort: timeLeft,
        stamp: timeLeft,
        draw: drawTime,
      },
      {
        id: 'rates',
        title: _('Speed'),
        sort: (row) => row.rates.down + row.rates.up,
        stamp: rates,
        draw: (cell, row) =>
          cell.replaceChildren(
            ...rates(row)
              .split('\n')
              .map((line) => E('div', {}, [line])),
          ),
      },
      {
        id: 'paid',
        title: _('Paid'),
        sort: (row) => Number(session.paid(row)[0]?.amount ?? 0),
        stamp: (row) => row.lots.length,
        draw: (cell, row) =>
          cell.replaceChildren(units.moneys(session.paid(row)), E('small', {}, [session.paidBy(row)])),
      },
    ];
    return daemon.mayWrite() ? columns.concat(this.actions()) : columns;
  },

  clientCell() {
    return {
      stamp: (row) => nameOf(row, this.hosts),
      draw: (cell, row) => {
        const name = nameOf(row, this.hosts);
        const mac = E('span', { class: 'turnpike-mac' }, [row.mac]);
        cell.replaceChildren(name === row.mac ? name : E('strong', {}, [name]), name === row.mac ? '' : mac);
      },
    };
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
        const close = () => session.closeDialog(now(), nameOf(now(), this.hosts), this.refresh);
        const topUp = () => session.grantDialog(this.plans, now(), this.refresh);
        cell.replaceChildren(
          button('cbi-button-action', _('Top up'), topUp),
          button('cbi-button-negative', _('Close'), close),
        );
      },
    };
  },

  found(row) {
    const word = this.search.value.trim().toLowerCase();
    if (word === '') return true;
    const host = this.hosts[row.mac.toUpperCase()] ?? {};
    const places = [row.mac, row.id, row.user, row.plan, this.titles.get(row.plan), row.gateway, host.name];
    const notes = row.lots.flatMap((lot) => [lot.method, lot.reference]);
    return places.concat(host.ipaddrs, notes).some((text) =>
      String(text ?? '')
        .toLowerCase()
        .includes(word),
    );
  },

  draw() {
    const shown = this.rows.filter((row) => this.found(row));
    const total = (way) => this.rows.reduce((sum, row) => sum + row.rates[way], 0);
    const online = this.rows.filter((row) => row.state === 'active').length;
    this.figures.textContent = _('%d sessions, %d online, ↓ %s ↑ %s').format(
      this.rows.length,
      online,
      units.rate(total('down')),
      units.rate(total('up')),
    );
    this.table.update(shown);
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
    const rows = this.rows
      .filter((row) => this.found(row))
      .map((row) => [...heads.map((name) => row[name]), units.moneys(session.paid(row))]);
    csv.download('sessions.csv', [[...heads, 'paid'], ...rows]);
  },

  render([hosts, { plans }]) {
    daemon.style();
    Object.assign(this, { hosts, plans, titles: new Map(plans.map((p) => [p.id, p.title])), rows: [] });
    const rated = meter();
    this.search = E('input', {
      class: 'cbi-input-text turnpike-grow',
      type: 'text',
      placeholder: _('Search by name, MAC address, plan or receipt'),
      'aria-label': _('Search'),
      input: () => this.draw(),
    });
    this.which = E('select', { class: 'cbi-input-select', 'aria-label': _('Which sessions') }, [
      E('option', { value: 'live' }, [_('Running')]),
      E('option', { value: 'expired' }, [_('Used up')]),
      E('option', { value: 'terminated' }, [_('Ended before')]),
    ]);
    this.figures = E('span', {});
    const fetch = () => api.sessions(this.which.value, mostEnded);
    const { box, watch } = daemon.guard(fetch, (rows) => {
      this.rows = rated(rows);
      this.draw();
    });
    this.refresh = watch;
    this.which.addEventListener('change', watch);
    this.table = table.create({
      columns: this.columns(),
      key: (row) => row.id,
      sorted: { id: 'client', down: false },
      empty: _('There is no such session.'),
    });
    const grant = () => session.grantDialog(this.plans, null, watch);
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
