'use strict';
'require baseclass';
'require dom';
'require turnpike.sorter as sorter';

// A table that is drawn once and then only touched where something changed: 500 rows every five seconds.

/** A bar with its text above it, in the theme's own clothes; drawn anew it only moves. */
function drawBar(cell, share, text) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
  if (!cell.firstElementChild) cell.replaceChildren(E('div', { class: 'cbi-progressbar' }, [E('div')]));
  const bar = cell.firstElementChild;
  bar.title = text;
  bar.classList.toggle('turnpike-low', percent >= 80);
  bar.firstChild.style.width = `${percent}%`;
}

function compare(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

/**
 * `columns`: `{ id, title, sort?(row), text?(row) | stamp(row) + draw(cell, row) }`. A cell is drawn again when its
 * stamp, or its text, has changed. `turned`: rows are a page of a list that somebody else sorts, and this asks for
 * another order; where the page is the whole list, it is sorted here all the same, by the words that it shows.
 */
function create({ columns, key, empty, sorted, turned }) {
  const rows = new Map();
  const none = E('tr', { class: 'tr placeholder' }, [
    E('td', { class: 'td', colspan: columns.length }, [E('em', {}, [empty])]),
  ]);
  let order = sorted;
  let last = [];
  let isSorted = false;

  const heads = columns.map((column) => {
    if (!column.title) return E('td', { class: 'th' });
    const head = E('th', { class: 'th', scope: 'col' }, [column.title]);
    if (!column.sort) return head;
    const turn = () => turnTo({ id: column.id, down: order.id === column.id ? !order.down : false });
    dom.content(head, E('button', { class: 'turnpike-sort', click: turn }, [column.title]));
    return head;
  });
  const choice = sorter.create(columns, turnTo);
  const body = E('tbody');
  const node = E('table', { class: 'table cbi-section-table turnpike-table' }, [
    E('thead', {}, [E('tr', { class: 'tr table-titles' }, heads)]),
    body,
  ]);

  choice.watch(node, heads[0]);

  function turnTo(wanted) {
    order = wanted;
    update(last, isSorted);
    turned?.(order);
  }

  function rowOf(id) {
    if (rows.has(id)) return rows.get(id);
    const cells = columns.map((c) =>
      E('td', { class: `td turnpike-${c.id}`, 'data-title': c.title || null })
    );
    const made = { node: E('tr', { class: 'tr' }, cells), cells, stamps: [] };
    rows.set(id, made);
    return made;
  }

  function draw(made, row) {
    columns.forEach((column, at) => {
      const stamp = column.stamp ? column.stamp(row) : column.text(row);
      if (made.stamps[at] === stamp) return;
      made.stamps[at] = stamp;
      if (column.draw) column.draw(made.cells[at], row);
      else made.cells[at].textContent = stamp;
    });
  }

  function inOrder(list) {
    const column = columns.find((c) => c.id === order.id);
    if (!column?.sort || isSorted) return list;
    const turn = order.down ? -1 : 1;
    const keyed = list.map((row) => ({ row, by: column.sort(row) }));
    return keyed.sort((a, b) => turn * compare(a.by, b.by)).map(({ row }) => row);
  }

  /** `sorted`: the rows are in the order in which they are to be shown. */
  function update(list, sorted = false) {
    last = list;
    isSorted = sorted;
    choice.show(order);
    heads.forEach((head, at) => {
      const on = columns[at].id === order.id;
      if (columns[at].sort)
        head.setAttribute('aria-sort', on ? (order.down ? 'descending' : 'ascending') : 'none');
    });
    const wanted = inOrder(list);
    const ids = new Set(wanted.map(key));
    for (const [id, made] of rows) {
      if (ids.has(id)) continue;
      made.node.remove();
      rows.delete(id);
    }
    let at = body.firstChild;
    for (const row of wanted) {
      const made = rowOf(key(row));
      draw(made, row);
      if (made.node === at) at = at.nextSibling;
      else body.insertBefore(made.node, at);
    }
    none.remove();
    if (wanted.length === 0) body.appendChild(none);
  }

  /** Nobody knows what is there: rows stay as they were, and no row says that there are none. */
  const doubt = () => none.remove();

  return { node, sorter: choice.node, update, doubt };
}

return baseclass.extend({ create, drawBar });
