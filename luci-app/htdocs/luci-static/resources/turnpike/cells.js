'use strict';
'require baseclass';
'require turnpike.session as session';
'require turnpike.table as table';
'require turnpike.units as units';

// What the cells of the table of sessions say.

/** The speed of a session, in bit/s; one that has ended has none. */
function speedOf({ rates }) {
  return { up: rates?.up_bps ?? 0, down: rates?.down_bps ?? 0 };
}

function nameOf(row, hosts) {
  const host = hosts[row.mac.toUpperCase()] ?? {};
  return row.user ?? host.name ?? host.ipaddrs?.[0] ?? row.mac;
}

/** Limits of data, and how each is told. */
const dataLimits = { bytes: '%s', down_bytes: _('%s down'), up_bytes: _('%s up') };

/** What is left of the limit of data that is nearest to its end. */
function usage({ granted, remaining, up_bytes: up, down_bytes: down }) {
  const shares = Object.keys(dataLimits)
    .filter((limit) => granted[limit] > 0)
    .map((limit) => ({ limit, share: 1 - remaining[limit] / granted[limit] }));
  if (shares.length === 0) return { text: _('%s used').format(units.bytes(up + down)) };
  const { limit, share } = shares.reduce((most, one) => (one.share > most.share ? one : most));
  const text = _('%s left of %s').format(units.bytes(remaining[limit]), units.bytes(granted[limit]));
  return { share, text: dataLimits[limit].format(text) };
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
function rates(row) {
  const { up, down } = speedOf(row);
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
  const speed = (row) => speedOf(row).down + speedOf(row).up;
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

return baseclass.extend({ columns, drawClient, nameOf, speedOf });
