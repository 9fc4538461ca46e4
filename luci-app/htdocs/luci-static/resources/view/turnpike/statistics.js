'use strict';
'require poll';
'require view';
'require turnpike.api as api';
'require turnpike.csv as csv';
'require turnpike.daemon as daemon';
'require turnpike.days as days';
'require turnpike.graph as graph';
'require turnpike.session as session';
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
    const base = series.map(({ at }) => ({ label: when(at).toLocaleString(units.locale(), span.label), at }));
    const bars = (values, words) =>
      series.map((row, i) => {
        const tip = '%s: %s'.format((span.byDay ? units.date : units.time)(row.at), words(row));
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

  /** What was taken, by plan and by the way to pay, of each currency by itself. */
  parts({ takings = [] }) {
    const titles = session.titles(this.plans);
    const ways = {
      plan: [_('Plan'), (id) => titles.get(id) ?? (id || '–')],
      method: [_('Paid with'), (id) => session.methods[id] ?? id],
    };
    const currencies = units.sum(takings).map(({ currency }) => currency);
    return currencies.flatMap((currency) =>
      Object.keys(ways).map((way) => {
        const [head, nameOf] = ways[way];
        const names = new Set(takings.map((one) => nameOf(one[way])));
        const rows = Array.from(names, (name) => {
          const of = takings.filter((one) => one.currency === currency && nameOf(one[way]) === name);
          return { name, sum: units.sum(of)[0] };
        }).filter(({ sum }) => sum);
        const told = ({ name, sum }) => ({ name, text: units.money(sum), value: Number(sum.amount) });
        return graph.parts({ heads: [head, _('Revenue')], rows: rows.map(told) });
      })
    );
  },

  export() {
    const { series, from, to, takings = [] } = this.answer;
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
    const parts = takings.map(({ plan, method, amount, currency }) => [plan, method, amount, currency]);
    const more = parts.length > 0 ? [[], ['plan', 'method', 'revenue', 'currency'], ...parts] : [];
    csv.download(`turnpike-${name}.csv`, [heads, ...rows, ...more]);
  },

  render() {
    daemon.style();
    this.span = 'today';
    this.answer = { span: 'today', from: 0, to: 0, series: [] };
    this.plans = [];
    const place = E('div', { class: 'turnpike-charts' });
    const parts = E('div', { class: 'turnpike-charts' });
    // There is no file of nothing, named for 1970.
    const download = E('button', { class: 'btn cbi-button', disabled: '', click: () => this.export() }, [
      _('Download CSV'),
    ]);
    const { box, watch } = daemon.guard(
      () => {
        const span = this.span;
        const asked = days.range(span, new Date());
        return Promise.all([api.call.stats(asked), api.call.plans()]).then(
          ([{ series, takings }, { plans }]) => ({
            ...{ span, from: asked.from, to: asked.to, takings, plans },
            series: spans[span].byDay ? days.byDay(series, units.sum) : series,
          })
        );
      },
      (answer) => {
        download.disabled = false;
        // Drawn again only when a figure has changed: what the pointer rests on stays.
        if (JSON.stringify(answer) === JSON.stringify(this.answer)) return;
        Object.assign(this, { answer, plans: answer.plans });
        const bars = () => Array.from(place.querySelectorAll('.hit'));
        const focused = bars().indexOf(document.activeElement);
        place.replaceChildren(...this.charts(answer));
        parts.replaceChildren(...this.parts(answer));
        bars()[focused]?.focus();
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
    return watch().then(() => [
      E('h2', {}, [_('Statistics')]),
      box,
      menu,
      place,
      parts,
      E('div', { class: 'cbi-page-actions' }, [download]),
    ]);
  },

  handleSaveApply: null,
  handleSave: null,
  handleReset: null,
});
