'use strict';
'require poll';
'require view';
'require turnpike.api as api';
'require turnpike.csv as csv';
'require turnpike.daemon as daemon';
'require turnpike.days as days';
'require turnpike.graph as graph';
'require turnpike.units as units';

const spans = {
  today: { name: _('Today'), label: { hour: 'numeric' } },
  yesterday: { name: _('Yesterday'), label: { hour: 'numeric' } },
  week: { name: _('This week'), label: { weekday: 'short' }, byDay: true },
  month: { name: _('This month'), label: { day: 'numeric', month: 'numeric' }, byDay: true },
};

function amountIn(revenue, currency) {
  return Number(revenue.find((one) => one.currency === currency)?.amount ?? 0);
}

return view.extend({
  load() {
    return Promise.resolve();
  },

  /** One chart for each currency: a sum of different ones has no meaning. */
  charts({ span: id, series }) {
    const span = spans[id];
    const when = (at) => new Date(at * 1000);
    const base = series.map(({ at }) => ({ label: when(at).toLocaleString(undefined, span.label), at }));
    const bars = (values, words) =>
      series.map((row, i) => {
        const tip = '%s: %s'.format(when(row.at).toLocaleString(), words(row));
        return { label: base[i].label, values: values(row), tip };
      });
    const moneys = units.sum(series.flatMap((row) => row.revenue));
    const revenue = (moneys.length > 0 ? moneys : [{ amount: '0', currency: '' }]).map((total) => ({
      title: _('Revenue'),
      total: total.currency ? units.money(total) : '–',
      bars: bars(
        (row) => [amountIn(row.revenue, total.currency)],
        (row) => units.moneys(row.revenue)
      ),
      format: graph.digits,
    }));
    const sum = (name) => series.reduce((all, row) => all + row[name], 0);
    const data = {
      title: _('Data'),
      total: units.bytes(sum('up_bytes') + sum('down_bytes')),
      bars: bars(
        (row) => [row.down_bytes, row.up_bytes],
        (row) => _('%s down, %s up').format(units.bytes(row.down_bytes), units.bytes(row.up_bytes))
      ),
      format: units.bytes,
      legend: [_('Data down'), _('Data up')],
    };
    const sessions = {
      title: _('Sessions'),
      total: String(sum('sessions')),
      bars: bars(
        (row) => [row.sessions],
        (row) => String(row.sessions)
      ),
      format: graph.digits,
      whole: true,
    };
    return [...revenue, data, sessions].map((one) => graph.chart(one));
  },

  export() {
    const { series, from, to } = this.answer;
    const currencies = units.sum(series.flatMap((row) => row.revenue)).map((one) => one.currency);
    const heads = [
      'from',
      ...currencies.map((code) => `revenue_${code}`),
      'up_bytes',
      'down_bytes',
      'sessions',
    ];
    const exact = (row, code) => row.revenue.find((one) => one.currency === code)?.amount ?? '0';
    const rows = series.map((row) => [
      new Date(row.at * 1000).toISOString(),
      ...currencies.map((code) => exact(row, code)),
      row.up_bytes,
      row.down_bytes,
      row.sessions,
    ]);
    const name = [days.dateOf(from), days.dateOf(to - 1)].join('-');
    csv.download(`turnpike-${name}.csv`, [heads, ...rows]);
  },

  render() {
    daemon.style();
    this.span = 'today';
    this.answer = { span: 'today', from: 0, to: 0, series: [] };
    const place = E('div', { class: 'turnpike-charts' });
    const { box, watch } = daemon.guard(
      () => {
        const span = this.span;
        const asked = days.range(span, new Date());
        return api.call.stats(asked).then(({ series }) => ({
          ...{ span, from: asked.from, to: asked.to },
          series: spans[span].byDay ? days.byDay(series, units.sum) : series,
        }));
      },
      (answer) => {
        // Drawn again only when a figure has changed: what the pointer rests on stays.
        if (JSON.stringify(answer) === JSON.stringify(this.answer)) return;
        this.answer = answer;
        place.replaceChildren(...this.charts(answer));
        place.dataset.drawn = answer.span;
      }
    );
    const tabs = Object.keys(spans).map((id) =>
      E('li', {}, [E('a', { href: '#', 'data-span': id }, [spans[id].name])])
    );
    const mark = () =>
      tabs.forEach((tab) => {
        const on = tab.firstChild.dataset.span === this.span;
        tab.className = on ? 'cbi-tab' : 'cbi-tab-disabled';
        if (on) tab.firstChild.setAttribute('aria-current', 'true');
        else tab.firstChild.removeAttribute('aria-current');
      });
    const menu = E('ul', { class: 'cbi-tabmenu' }, tabs);
    menu.addEventListener('click', (event) => {
      const id = event.target.dataset.span;
      if (!id) return;
      event.preventDefault();
      this.span = id;
      mark();
      return watch();
    });
    mark();
    poll.add(watch, 30);
    const download = E('button', { class: 'btn cbi-button', click: () => this.export() }, [
      _('Download CSV'),
    ]);
    return watch().then(() => [
      E('h2', {}, [_('Statistics')]),
      box,
      menu,
      place,
      E('div', { class: 'cbi-page-actions' }, [download]),
    ]);
  },

  handleSaveApply: null,
  handleSave: null,
  handleReset: null,
});
