'use strict';
'require baseclass';
'require turnpike.session as session';
'require turnpike.table as table';
'require turnpike.units as units';

// What the cells of the table of sessions say.

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

function timeLeft(row) {
  const { remaining } = row;
  if (session.isEnded(row)) return -1;
  const left = [remaining.seconds, remaining.valid_seconds].filter((n) => n !== undefined);
  return left.length > 0 ? Math.min(...left) : Number.POSITIVE_INFINITY;
}

/** The bar is of the limit that ends first, as its text is. */
function drawTime(cell, row) {
  const { granted, remaining } = row;
  const left = timeLeft(row);
  if (left < 0) return cell.replaceChildren('–');
  const limit = ['seconds', 'valid_seconds'].find((one) => remaining[one] === left);
  if (limit === undefined) return cell.replaceChildren('∞');
  table.drawBar(cell, 1 - left / granted[limit], units.span(left));
}

function drawState(cell, { state, cause, closed }) {
  const kind = state === 'active' ? 'good' : state === 'closing' ? 'bad' : '';
  const lines = [cause && (session.causes[cause] ?? cause), closed && units.time(closed)].filter(Boolean);
  const badge = E('span', { class: `turnpike-badge ${kind}` }, [session.states[state] ?? state]);
  cell.replaceChildren(badge, ...lines.map((line) => E('small', {}, [line])));
}

/** The speed of a session, in lines. */
function rates({ rates: { up, down } }) {
  if (up + down < 1) return ['–'];
  return [_('↓ %s').format(units.rate(down)), _('↑ %s').format(units.rate(up))];
}

/** What was paid, and how; a wallet leads to what was paid in from it. */
function drawPaid(cell, row) {
  const href = `${L.url('admin/services/turnpike/deposits')}#${row.id}`;
  const ways = session.ways(row).map(({ text, deposit }) => (deposit ? E('a', { href }, [text]) : text));
  const listed = ways.flatMap((way, at) => (at === 0 ? [way] : [', ', way]));
  cell.replaceChildren(units.moneys(session.paid(row)), E('small', {}, listed));
}

/** The name of a device and its address; `href`: where the name leads. */
function drawClient(cell, row, hosts, href) {
  const name = nameOf(row, hosts);
  const shown = href ? E('a', { href }, [name]) : name;
  if (name === row.mac) return cell.replaceChildren(shown);
  cell.replaceChildren(E('strong', {}, [shown]), E('span', { class: 'turnpike-mac' }, [row.mac]));
}

function columns(hosts, titleOf) {
  const name = (row) => nameOf(row, hosts);
  const lines = (cell, row) => cell.replaceChildren(...rates(row).map((line) => E('div', {}, [line])));
  const used = (row) => row.up_bytes + row.down_bytes;
  const state = ({ state, cause, closed }) => [state, cause, closed].join();
  const amount = (row) => Number(session.paid(row)[0]?.amount ?? 0);
  const speed = (row) => row.rates.down + row.rates.up;
  const client = (cell, row) => drawClient(cell, row, hosts);
  return [
    { id: 'client', title: _('Client'), sort: name, stamp: name, draw: client },
    { id: 'plan', title: _('Plan'), sort: titleOf, text: titleOf },
    { id: 'state', title: _('State'), sort: state, stamp: state, draw: drawState },
    { id: 'data', title: _('Data'), sort: used, stamp: (row) => JSON.stringify(usage(row)), draw: drawData },
    { id: 'left', title: _('Time left'), sort: timeLeft, stamp: timeLeft, draw: drawTime },
    { id: 'rates', title: _('Speed'), sort: speed, stamp: (row) => rates(row).join(), draw: lines },
    { id: 'paid', title: _('Paid'), sort: amount, stamp: (row) => row.lots.length, draw: drawPaid },
  ];
}

return baseclass.extend({ columns, drawClient, meter, nameOf });
