'use strict';
'require baseclass';
'require turnpike.api as api';
'require turnpike.daemon as daemon';
'require turnpike.pager as pager';
'require turnpike.table as table';

// A list of which the daemon searches, sorts and counts all, and sends a page at a time.

/** MAC addresses in one search, by names and addresses that this page alone knows. */
const mostMacs = 20;

/** Keys of a table of words in which one is found. */
function named(table, word) {
  return word ? Object.keys(table).filter((key) => table[key].toLowerCase().includes(word)) : [];
}

/** The devices that the router knows by a name or an address in which the word is. */
function macsOf(hosts, word) {
  if (!word) return [];
  const isMeant = ({ name, ipaddrs }) =>
    [name, ...(ipaddrs ?? [])].some((text) => text?.toLowerCase().includes(word));
  return Object.keys(hosts)
    .filter((mac) => isMeant(hosts[mac]))
    .slice(0, mostMacs);
}

/**
 * `list`: the daemon's method, and the name of its rows. `sorts`: what the daemon calls the order of each column.
 * `filter()`: further arguments. `words(word)`: what else the daemon is to look for. `also()`: a call beside, whose
 * answer `show(reply, other)` has, too. `hint`, `word`: of the field for the search, and what is in it first.
 */
function create({ list, columns, sorts, sorted, empty, hint, word, filter, words, also, show }) {
  let order = sorted;
  const search = E('input', {
    class: 'cbi-input-text turnpike-grow',
    type: 'text',
    maxlength: 128,
    placeholder: hint,
    'aria-label': _('Search'),
    value: word ?? null,
    input: () => again(),
  });
  const wanted = () => {
    const text = search.value.trim().toLowerCase();
    const by = sorts[order.id];
    return {
      ...filter?.(),
      search: [text, ...words(text)].join('|'),
      sort: by && `${order.down ? '-' : ''}${by}`,
    };
  };
  const fetch = () => Promise.all([api.call[list]({ ...wanted(), ...pages.args() }), also?.()]);
  const { box, watch } = daemon.guard(
    fetch,
    ([reply, other]) => {
      const rows = reply[list];
      show(reply, other);
      body.update(rows, reply.count > rows.length);
      pages.update(rows.length, reply.count);
    },
    () => body.doubt()
  );
  const pages = pager.create(watch);
  const again = () => {
    pages.rewind();
    return watch();
  };
  const body = table.create({
    columns: columns.map((column) => (sorts[column.id] ? column : { ...column, sort: undefined })),
    key: (row) => row.id,
    sorted,
    empty,
    turned(asked) {
      order = asked;
      again();
    },
  });
  const node = E('div', {}, [body.sorter, E('div', { class: 'cbi-section' }, [body.node]), pages.node]);

  return {
    search,
    node,
    box,
    watch,
    again,
    /** Everything that is searched for, on all pages. */
    all: () => api.all(list, wanted()),
  };
}

return baseclass.extend({ create, named, macsOf });
