'use strict';
'require baseclass';

// The choice of an order where the theme hides the heads of tables, as on a phone: no button can be pressed there.

const ways = [
  { down: false, says: _('%s, ascending') },
  { down: true, says: _('%s, descending') },
];

/** `columns`: as a table has them. `turned({ id, down })` is called when somebody chooses; `show` says what is chosen. */
function create(columns, turned) {
  const sortable = columns.filter((column) => column.sort);
  const orders = sortable.flatMap(({ id, title }) =>
    ways.map(({ down, says }) => ({ id, down, text: says.format(title) }))
  );
  const select = E(
    'select',
    { class: 'cbi-input-select', 'aria-label': _('Sort'), change: () => turned(chosen()) },
    orders.map(({ text }, at) => E('option', { value: at }, [text]))
  );
  const chosen = () => {
    const { id, down } = orders[Number(select.value)];
    return { id, down };
  };
  const show = (order) => {
    select.value = orders.findIndex(({ id, down }) => id === order.id && down === order.down);
  };
  const node = E('div', { class: 'turnpike-sorter', hidden: '' }, [select]);
  /** Each theme hides heads at a width of its own. */
  const watch = (table, head) =>
    new ResizeObserver(() => {
      node.hidden = head.getClientRects().length > 0;
    }).observe(table);
  return { node, show, watch };
}

return baseclass.extend({ create });
