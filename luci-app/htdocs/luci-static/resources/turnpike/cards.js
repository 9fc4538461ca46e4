'use strict';
'require baseclass';
'require ui';
'require turnpike.csv as csv';

// The codes of a new batch, while they can be seen: cards to print and a file to keep.

function card(code, { title, until, batch }) {
  return E('div', { class: 'turnpike-card' }, [
    E('div', {}, [title]),
    E('strong', {}, [code]),
    E('small', {}, [until ? _('valid until %s').format(new Date(until * 1000).toLocaleDateString()) : batch]),
  ]);
}

/** Prints a sheet of cards and nothing of the page around them. */
function print(made) {
  const sheet = E(
    'div',
    { class: 'turnpike-sheet' },
    made.codes.map((code) => card(code, made))
  );
  const clear = () => {
    sheet.remove();
    document.body.classList.remove('turnpike-printing');
  };
  document.body.appendChild(sheet);
  document.body.classList.add('turnpike-printing');
  window.addEventListener('afterprint', clear, { once: true });
  window.print();
}

function save({ batch, codes, title, until }) {
  const ends = until ? new Date(until * 1000).toISOString() : '';
  const rows = codes.map((code) => [batch, code, title, ends]);
  csv.download(`vouchers-${batch}.csv`, [['batch', 'code', 'plan', 'valid_until'], ...rows]);
}

return baseclass.extend({
  /** `{ batch, codes, title, until? }`: `until` in Unix seconds. */
  show(made) {
    const button = (style, label, click) => E('button', { class: `btn cbi-button ${style}`, click }, [label]);
    ui.showModal(_('New vouchers'), [
      E('p', {}, [
        _('%d vouchers of batch %s.').format(made.codes.length, made.batch),
        ' ',
        E('strong', {}, [_('Print or save them now: these codes are not shown again.')]),
      ]),
      E(
        'div',
        { class: 'turnpike-cards' },
        made.codes.map((code) => card(code, made))
      ),
      E('div', { class: 'button-row' }, [
        button('', _('Close'), ui.hideModal),
        ' ',
        button('', _('Download CSV'), () => save(made)),
        ' ',
        button('cbi-button-positive', _('Print cards'), () => print(made)),
      ]),
    ]);
  },
});
