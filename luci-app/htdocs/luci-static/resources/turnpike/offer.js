'use strict';
'require baseclass';
'require form';
'require turnpike.typed as typed';
'require turnpike.units as units';

// What a plan sells, in a sentence, from the options of its section: on the page and while it is being edited.

function read(kind, text) {
  return text ? units.parse(kind, text)?.value : undefined;
}

function show(kind, amount) {
  return kind === 'data' ? units.bytes(amount) : units.span(amount);
}

/** The caps beside what is sold: `options` are the texts of the section. */
function limits(options) {
  const found = [];
  const cap = (option, kind, pattern) => {
    const value = read(kind, options[option]);
    if (value !== undefined) found.push(pattern.format(show(kind, value)));
  };
  if (options.metric === 'time') cap('bytes', 'data', _('at most %s'));
  else cap('seconds', 'time', _('at most %s online'));
  cap('down_bytes', 'data', _('at most %s down'));
  cap('up_bytes', 'data', _('at most %s up'));
  cap('valid_for', 'time', _('to be used within %s'));
  const rate = (option, pattern) => {
    const value = read('rate', options[option]);
    if (value !== undefined) found.push(pattern.format(units.rate(value * 1000)));
  };
  rate('down_rate', _('up to %s down'));
  rate('up_rate', _('up to %s up'));
  return found;
}

/** The price of so many steps, exact. */
function times(price, steps) {
  const [amount, currency] = price.trim().split(/\s+/);
  return units.money(
    units.sum(Array.from({ length: 1 }, () => ({ amount: product(amount, steps), currency })))[0]
  );
}

function product(amount, steps) {
  const [whole, fraction = ''] = amount.split('.');
  const digits = String(BigInt(whole + fraction) * BigInt(steps)).padStart(fraction.length + 1, '0');
  const cut = digits.length - fraction.length;
  return fraction ? `${digits.slice(0, cut)}.${digits.slice(cut)}` : digits;
}

const priceForm = /^\d{1,30}(\.\d{1,18})?\s+[A-Z][A-Z0-9]{1,11}$/;

const noPrice = _('Enter an amount and a currency, such as 0.50 USD.');
/** What is wrong with a text that is no price. */
const faultOf = (text) => typed.doubtOf(text) ?? noPrice;

const notWhole = _('The number of steps has to be whole.');
const turned = _('The largest purchase is smaller than the smallest one.');

/** What is wrong with the most steps beside the fewest, which say at their own field what is wrong with them. */
function checkMost(least, most) {
  if (most === '') return true;
  if (!/^[1-9]\d{0,9}$/.test(most)) return notWhole;
  return Number(most) < Number(least || 1) ? turned : true;
}

/** Sentences on a plan: what the smallest purchase costs and buys, then the largest one, then the caps. */
function describe(options) {
  const kind = options.metric === 'time' ? 'time' : 'data';
  const step = read(kind, options.step);
  const prices = [].concat(options.price ?? []);
  if (step === undefined) return [_('Enter what one step is.')];
  // A price that cannot be read is no plan without a price.
  const unread = prices.find((price) => !priceForm.test(price.trim()));
  if (unread !== undefined) return [faultOf(unread)];
  const least = Number(options.min_steps || 1);
  const most = Number(options.max_steps || Math.max(1000, least));
  if (!Number.isInteger(least) || !Number.isInteger(most)) return [notWhole];
  const buys = (steps) => {
    const what = show(kind, step * steps);
    const cost = prices.map((price) => times(price, steps));
    return cost.length > 0
      ? _('%s buys %s').format(cost.join(' %s '.format(_('or'))), what)
      : _('%s, only granted').format(what);
  };
  if (!(least >= 1 && most >= least)) return [turned];
  const lines = [buys(least)];
  if (most > least) lines.push(_('Up to: %s').format(buys(most)));
  const caps = limits(options);
  return caps.length > 0 ? lines.concat(caps.join(', ')) : lines;
}

/** An option that stores nothing and says what the others amount to, at every keystroke. */
const Preview = form.Value.extend({
  __name__: 'CBI.TurnpikePreview',
  rmempty: true,

  renderWidget(section) {
    const box = E('div', { class: 'turnpike-preview', 'aria-live': 'polite', id: this.cbid(section) });
    const draw = () => {
      // A list is shown as it would be saved: what stands in its field and was never added is in it.
      const value = (child) => child.entries?.(section) ?? this.section.formvalue(section, child.option);
      const options = Object.fromEntries(this.section.children.map((child) => [child.option, value(child)]));
      options.step = options.metric === 'time' ? options.step_time : options.step_data;
      box.replaceChildren(...describe(options).map((line) => E('p', {}, [line])));
    };
    // The fields around are there as soon as the form is in the page.
    window.setTimeout(() => {
      draw();
      const place = box.closest('.cbi-map');
      for (const event of ['widget-update', 'widget-change', 'keyup']) place?.addEventListener(event, draw);
    }, 0);
    return box;
  },

  formvalue: () => null,
  cfgvalue: () => null,
  write() {},
  remove() {},
});

return baseclass.extend({ describe, checkMost, Preview, priceForm, faultOf });
