'use strict';
'require baseclass';
'require dom';
'require form';
'require rpc';
'require ui';
'require turnpike.list as list';
'require turnpike.typed as typed';
'require turnpike.units as units';

const addSection = rpc.declare({
  object: 'uci',
  method: 'add',
  params: ['config', 'type', 'name'],
  reject: true,
});
const setOption = rpc.declare({
  object: 'uci',
  method: 'set',
  params: ['config', 'section', 'values'],
  reject: true,
});

// Form fields that LuCI does not have: a number with its unit, and a secret that is written and never read.

/** A number beside its unit; the value is both, as in `10 MB`. */
const UIQuantity = ui.AbstractElement.extend({
  __init__(value, options) {
    this.value = value;
    this.options = options;
  },

  render() {
    const { kind, disabled, placeholder, id } = this.options;
    const now = units.parse(kind, this.value);
    const hint = units.parse(kind, placeholder);
    const offered = units.kinds[kind].offered.slice();
    for (const quantity of [hint, now]) {
      if (quantity && !offered.includes(quantity.unit)) offered.push(quantity.unit);
    }
    this.number = E('input', {
      id: id ? `widget.${id}` : null,
      class: 'cbi-input-text turnpike-number',
      type: 'text',
      inputmode: 'decimal',
      value: now ? now.number : (this.value ?? ''),
      placeholder: hint ? hint.number : null,
      disabled: disabled ? '' : null,
    });
    this.unit = E(
      'select',
      { class: 'cbi-input-select turnpike-unit', 'aria-label': _('Unit'), disabled: disabled ? '' : null },
      offered.map((unit) => E('option', { value: unit }, [units.name(unit)]))
    );
    this.unit.value = (now ?? hint)?.unit ?? offered[0];
    return this.bind(E('div', { id, class: 'turnpike-quantity' }, [this.number, this.unit]));
  },

  bind(frame) {
    this.node = frame;
    this.setUpdateEvents(this.number, 'keyup', 'blur');
    this.setChangeEvents(this.number, 'change');
    this.setChangeEvents(this.unit, 'change');
    this.unit.addEventListener('change', () => this.triggerValidation());
    dom.bindClassInstance(frame, this);
    return frame;
  },

  getValue() {
    const text = this.number.value.trim();
    return text === '' ? '' : `${typed.number(text) ?? text} ${this.unit.value}`;
  },

  setValue(value) {
    const quantity = units.parse(this.options.kind, value);
    this.number.value = quantity ? quantity.number : (value ?? '');
    if (quantity) this.unit.value = quantity.unit;
  },
});

/** An option of `kind` data, time or rate, with `min` and `max` in bytes, seconds or kbit/s. */
const Quantity = form.Value.extend({
  __name__: 'CBI.TurnpikeQuantity',

  check(section, text) {
    if (text === '') return this.rmempty || this.optional ? true : _('This is needed.');
    const quantity = units.parse(this.kind, text);
    if (!quantity) return typed.doubtOf(text) ?? _('Enter a number such as 10 or 1.5.');
    const whole = this.kind === 'time' ? quantity.value * 1000 : quantity.value;
    if (!Number.isSafeInteger(Math.round(whole)) || Math.abs(whole - Math.round(whole)) > 1e-6) {
      return _('This is no whole number of the smallest unit.');
    }
    if (quantity.value < (this.min ?? 1)) return _('This is too little.');
    if (this.max !== undefined && quantity.value > this.max) return _('This is too much.');
    return typeof this.rule === 'function' ? this.rule(section, quantity) : true;
  },

  renderWidget(section, _index, value) {
    const widget = new UIQuantity(value, {
      id: this.cbid(section),
      kind: this.kind,
      placeholder: this.placeholder,
      optional: this.optional || this.rmempty,
      validate: () => this.check(section, widget.getValue()),
      disabled: this.readonly ?? this.map.readonly,
    });
    return widget.render();
  },

  textvalue(section) {
    const value = this.cfgvalue(section) ?? this.placeholder;
    return value ? E('span', {}, [units.words(this.kind, value)]) : E('em', {}, [_('none')]);
  },
});

/**
 * Writes a secret into the section of the same name. It calls rpcd itself: LuCI's cache reads back what it writes,
 * which the rights forbid.
 */
function writeSecret(section, option, value) {
  const values = { [option]: value };
  return addSection('turnpike_secrets', 'secret', section).then(() =>
    setOption('turnpike_secrets', section, values)
  );
}

/**
 * A password that goes to the configuration `turnpike_secrets`, which rpcd lets nobody read: the field is empty, and
 * what is left empty stays as it was.
 */
const Secret = form.Value.extend({
  __name__: 'CBI.TurnpikeSecret',
  password: true,
  rmempty: true,
  placeholder: _('unchanged'),

  load() {
    return null;
  },

  cfgvalue() {
    return null;
  },

  write(section, value) {
    return writeSecret(section, this.option, value);
  },

  remove() {},
});

/** Of an option that is a currency code with its decimals. */
function checkCurrency(_section, value) {
  if (value === '' || /^[A-Z][A-Z0-9]{1,11}\s+(\d|1[0-8])$/.test(value)) return true;
  return _('Enter a code and its decimals, such as USDC 6.');
}

return baseclass.extend({
  Quantity,
  Secret,
  CheckedList: list.CheckedList,
  checkCurrency,

  /** A quantity outside of a form, for dialogs of our own. */
  quantity(kind, value) {
    const widget = new UIQuantity(value, { kind });
    return { node: widget.render(), value: () => units.parse(kind, widget.getValue())?.value };
  },
});
