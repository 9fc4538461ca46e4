'use strict';
'require baseclass';
'require turnpike.qr as qr';
'require turnpike.units as units';

// Vouchers on paper: sheets of A4, or strips of a receipt roll of 58 mm.

/** What is printed on, in mm: what is left of A4 inside of its margins, and the width of the roll. */
const a4 = { wide: 190, high: 276 };
const rollWide = 58;
/** A card that is easy to read, in mm, and the size of its letters. */
const ideal = { wide: 80, high: 58, letters: 3.3 };
const mmOfPixel = 25.4 / 96;
/** The most vouchers on one page: with more of them a phone does not read the QR codes. */
const most = { a4: 24, roll: 50 };

/** Columns and rows for so many cards on a page of A4, and the size of the letters in mm. */
function grid(count) {
  const choices = Array.from({ length: count }, (_item, at) => {
    const [columns, rows] = [at + 1, Math.ceil(count / (at + 1))];
    return { columns, rows, scale: Math.min(a4.wide / columns / ideal.wide, a4.high / rows / ideal.high) };
  });
  const best = choices.reduce((one, other) => (other.scale > one.scale ? other : one));
  return { columns: best.columns, rows: best.rows, letters: ideal.letters * Math.min(1.6, best.scale) };
}

/** What a phone joins a network by; its scanner takes these signs for its own where they stand alone. */
function joining({ network, password }) {
  const escaped = (text) => text.replace(/[\\;,":]/g, '\\$&');
  const key = password ? `T:WPA;S:${escaped(network)};P:${escaped(password)}` : `S:${escaped(network)}`;
  return `WIFI:${key};;`;
}

/** The page with the code behind the #, which no browser sends and no log has. */
function redeeming(address, code) {
  return `${address}#${encodeURIComponent(code)}`;
}

function picture(text, caption) {
  return E('figure', {}, [qr.draw(text, caption), E('figcaption', {}, [caption])]);
}

function steps({ network, address }) {
  return [
    network ? _('Join the network %s.').format(network) : _('Join our network.'),
    address ? _('Scan the second picture, or open %s').format(address) : _('Wait until a page opens.'),
    _('Enter the code of this voucher.'),
  ];
}

/** One voucher: `made` is what `voucher_create` answered, with the `title` of the plan. */
function card(code, made, shop) {
  const until = made.valid_until && units.date(made.valid_until);
  const facts = [
    units.allotment(made.allotment),
    made.price ? units.money(made.price) : '',
    until ? _('valid until %s').format(until) : '',
  ];
  return E('div', { class: 'turnpike-card turnpike-voucher' }, [
    E('h5', {}, [shop.name || made.title]),
    E('div', {}, [shop.name ? made.title : '']),
    E('div', {}, [facts.filter(Boolean).join(' · ')]),
    E('strong', {}, [code]),
    E('div', { class: 'turnpike-how' }, [
      shop.network ? picture(joining(shop), _('1. Network')) : '',
      shop.address ? picture(redeeming(shop.address, code), _('2. Voucher')) : '',
      E(
        'ol',
        {},
        steps(shop).map((step) => E('li', {}, [step]))
      ),
    ]),
  ]);
}

/** Pages of so many cards each. */
function pages(made, shop, { each, paper }) {
  const cards = made.codes.map((code) => card(code, made, shop));
  const { columns, rows, letters } = grid(each);
  const style =
    paper === 'a4'
      ? `grid-template:repeat(${rows},minmax(0,1fr))/repeat(${columns},minmax(0,1fr));font-size:${letters.toFixed(2)}mm`
      : null;
  const count = Math.ceil(cards.length / each);
  return Array.from({ length: count }, (_item, at) =>
    E('div', { class: 'turnpike-page', style }, cards.slice(at * each, (at + 1) * each))
  );
}

/** Of a page: a strip is as long as what is on the longest one. */
function sizeOf(sheet, paper) {
  if (paper === 'a4') return 'A4';
  sheet.classList.add('turnpike-measured');
  const tall = Array.from(sheet.children, (page) => page.getBoundingClientRect().height);
  sheet.classList.remove('turnpike-measured');
  const high = Math.ceil(Math.max(...tall) * mmOfPixel) + 1;
  return [rollWide, high].map((side) => `${side}mm`).join(' ');
}

/** Prints the cards and nothing of the page around them. */
function print(made, shop, choice) {
  const sheet = E('div', { class: `turnpike-sheet ${choice.paper}` }, pages(made, shop, choice));
  document.body.appendChild(sheet);
  const margin = choice.paper === 'a4' ? '10mm' : '0';
  const size = E('style', {}, [`@page{size:${sizeOf(sheet, choice.paper)};margin:${margin}}`]);
  document.head.appendChild(size);
  const clear = () => {
    sheet.remove();
    size.remove();
    document.body.classList.remove('turnpike-printing');
  };
  document.body.classList.add('turnpike-printing');
  window.addEventListener('afterprint', clear, { once: true });
  window.print();
}

return baseclass.extend({ most, grid, joining, redeeming, print });
