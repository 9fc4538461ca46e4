'use strict';
'require baseclass';
'require ui';
'require turnpike.api as api';
'require turnpike.csv as csv';
'require turnpike.daemon as daemon';
'require turnpike.units as units';

// A new batch of vouchers, and its codes while they can be seen: cards to print and a file to keep.

const mostAtOnce = 500;

function card(code, { title, allotment, valid_until: until, batch }) {
  return E('div', { class: 'turnpike-card' }, [
    E('div', {}, [title]),
    E('strong', {}, [code]),
    E('div', {}, [units.allotment(allotment)]),
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

function save({ batch, codes, title, valid_until: until }) {
  const ends = until ? new Date(until * 1000).toISOString() : '';
  const rows = codes.map((code) => [batch, code, title, ends]);
  csv.download(`vouchers-${batch}.csv`, [['batch', 'code', 'plan', 'valid_until'], ...rows]);
}

/** What `voucher_create` answered, with the `title` of the plan. */
function show(made) {
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
}

/** The dialog that makes a batch. */
function create(plans, refresh) {
  const key = api.newKey();
  const choices = plans.map(({ id, title }) => E('option', { value: id }, [title]));
  const plan = E('select', { class: 'cbi-input-select' }, choices);
  const steps = E('input', { class: 'cbi-input-text', type: 'number', min: 1, value: 1 });
  const count = E('input', { class: 'cbi-input-text', type: 'number', min: 1, max: mostAtOnce, value: 20 });
  const until = E('input', { class: 'cbi-input-text', type: 'date' });
  const single = E('input', { type: 'checkbox' });
  const act = () => {
    const number = Number(count.value);
    if (!Number.isInteger(number) || number < 1 || number > mostAtOnce) {
      throw new Error(_('Enter how many, from 1 to %d.').format(mostAtOnce));
    }
    // Good to the end of that day, by the reader's clock.
    const end = until.value ? new Date(`${until.value}T23:59:59`).getTime() / 1000 : undefined;
    if (end !== undefined && end * 1000 < Date.now()) throw new Error(_('That day is over.'));
    const order = { plan: plan.value, steps: Number(steps.value), count: number, valid_until: end };
    const sent = { ...order, single_use: single.checked, idempotency_key: key };
    return api.call.voucher_create(sent).then((made) => {
      const { title } = plans.find(({ id }) => id === plan.value);
      return refresh().then(() => () => show({ ...made, title }));
    });
  };
  const body = [
    daemon.field(_('Plan'), plan),
    daemon.field(_('Steps'), steps, _('What one voucher buys, in steps of the plan.')),
    daemon.field(_('How many'), count),
    daemon.field(_('Valid until'), until, _('Leave it empty for vouchers that do not expire.')),
    daemon.field(
      _('Single use'),
      single,
      _('What a session leaves unused is lost, not kept for the next one.')
    ),
  ];
  daemon.dialog(_('New vouchers'), body, _('Create'), act, 'cbi-button-positive');
}

return baseclass.extend({ create });
