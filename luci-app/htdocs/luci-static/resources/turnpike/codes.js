'use strict';
'require baseclass';
'require ui';
'require turnpike.csv as csv';
'require turnpike.daemon as daemon';
'require turnpike.paper as paper';
'require turnpike.shop as shop';
'require turnpike.units as units';

// The codes of a batch, while they can be seen: cards to print and a file to keep.

/** Where this browser keeps how it printed the last time; the password of a network is not kept. */
const memory = 'turnpike.paper';

function remembered() {
  try {
    return JSON.parse(window.localStorage.getItem(memory)) ?? {};
  } catch {
    return {};
  }
}

function remember({ paper: kind, each, network }) {
  try {
    window.localStorage.setItem(memory, JSON.stringify({ paper: kind, each, network }));
  } catch {
    // A browser that keeps nothing asks again.
  }
}

function card(code, { title, allotment, valid_until: until, batch }) {
  return E('div', { class: 'turnpike-card' }, [
    E('div', {}, [title]),
    E('strong', {}, [code]),
    E('div', {}, [units.allotment(allotment)]),
    E('small', {}, [until ? _('valid until %s').format(units.date(until)) : batch]),
  ]);
}

function save({ batch, codes, title, valid_until: until }) {
  const ends = until ? new Date(until * 1000).toISOString() : '';
  const rows = codes.map((code) => [batch, code, title, ends]);
  csv.download(`vouchers-${batch}.csv`, [['batch', 'code', 'plan', 'valid_until'], ...rows]);
}

/** Fields that say how it is printed, and what they say. */
function choices() {
  const before = remembered();
  const text = (more) => E('input', { class: 'cbi-input-text', type: 'text', ...more });
  const kind = E('select', { class: 'cbi-input-select' }, [
    E('option', { value: 'a4' }, [_('A4')]),
    E('option', { value: 'roll' }, [_('Receipt roll, 58 mm')]),
  ]);
  kind.value = before.paper === 'roll' ? 'roll' : 'a4';
  const each = E('input', { class: 'cbi-input-text', type: 'number', min: 1, value: before.each ?? 10 });
  const network = text({ maxlength: 32, value: before.network ?? '' });
  const password = text({ maxlength: 63, autocomplete: 'off' });
  const address = text({ maxlength: 200, value: shop.read().address });
  const limit = () => each.setAttribute('max', paper.most[kind.value]);
  kind.addEventListener('change', () => {
    each.value = kind.value === 'a4' ? 10 : 1;
    limit();
  });
  limit();
  const rows = [
    daemon.field(_('Paper'), kind),
    daemon.field(_('Vouchers on a page'), each),
    daemon.field(_('Name of the WiFi network'), network, _('Phones join it by a QR code.')),
    daemon.field(_('Its password'), password, _('Leave it empty for an open network.')),
    daemon.field(_('Address of the customers’ page'), address, _('Phones redeem the voucher there.')),
  ];
  const value = () => {
    const number = Math.trunc(Number(each.value)) || 1;
    return {
      paper: kind.value,
      each: Math.min(Math.max(number, 1), paper.most[kind.value]),
      network: network.value.trim(),
      password: password.value,
      address: address.value.trim(),
    };
  };
  return { rows, value };
}

/** `made`: what `voucher_create` or `voucher_codes` answered, with the `title` of the plan. */
function show(made, heading) {
  const button = (style, label, click) => E('button', { class: `btn cbi-button ${style}`, click }, [label]);
  const { rows, value } = choices();
  const print = () => {
    const choice = value();
    remember(choice);
    paper.print(made, { name: shop.read().name, ...choice }, choice);
  };
  // LuCI presses the first button of the row when somebody presses Escape: it only asks.
  const row = E('div', { class: 'button-row' });
  const asked = () =>
    row.replaceChildren(
      E('p', { role: 'alert' }, [_('These codes are not shown again. Have you printed or saved them?')]),
      button('', _('Back'), ready),
      ' ',
      button('cbi-button-negative', _('Close for good'), ui.hideModal)
    );
  const ready = () =>
    row.replaceChildren(
      // Codes that are kept need no second thought.
      button('', _('Close'), made.reprint ? ui.hideModal : asked),
      ' ',
      button('', _('Download CSV'), () => save(made)),
      ' ',
      button('cbi-button-positive', _('Print cards'), print)
    );
  ready();
  daemon.showModal(heading, [
    E('p', {}, [
      _('%d vouchers of batch %s.').format(made.codes.length, made.batch),
      ' ',
      made.reprint
        ? _('They can be printed again until the first one is used.')
        : E('strong', {}, [_('Print or save them now: these codes are not shown again.')]),
    ]),
    ...rows,
    E(
      'div',
      { class: 'turnpike-cards', role: 'group', tabindex: 0, 'aria-label': heading },
      made.codes.map((code) => card(code, made))
    ),
    row,
  ]);
}

return baseclass.extend({ show });
