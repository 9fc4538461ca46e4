// LuCI's `form`, as far as the pages use it: options, and sections that stand alone or in a grid with a dialog.
{
  const { Base, dom, append, modules } = window.standIn;
  const ui = modules.get('ui');
  const uci = modules.get('uci');

  const Widget = ui.AbstractElement.extend({
    __init__(node, value, options) {
      Object.assign(this, { node, value, options });
      dom.bindClassInstance(node, this);
      for (const field of node.matches('input, select') ? [node] : node.querySelectorAll('input, select')) {
        this.setUpdateEvents(field, 'keyup', 'blur');
        this.setChangeEvents(field, 'change');
      }
    },
    getValue() {
      return this.value(this.node);
    },
  });

  const Value = Base.extend({
    __init__(section, option, title, description) {
      for (const text of [option, title, description ?? '']) {
        if (typeof text !== 'string') throw new Error(`${option}: ${text} is no text`);
      }
      Object.assign(this, { section, map: section.map, option, title, description, conditions: [] });
      this.rmempty = true;
    },
    depends(option, value) {
      this.conditions.push({ option, value });
    },
    validate: () => true,
    cbid(id) {
      return `cbid.turnpike.${id}.${this.option}`;
    },
    value(key, title) {
      this.choices = [...(this.choices ?? []), [key, title ?? key]];
    },
    cfgvalue(id) {
      return uci.get(this.map.config, id, this.ucioption ?? this.option) ?? null;
    },
    frame(id) {
      return this.map.root.querySelector(`[data-field="${this.cbid(id)}"]`);
    },
    getUIElement(id) {
      return dom.findClassInstance(this.map.root.querySelector(`[id="${this.cbid(id)}"]`) ?? {}) ?? null;
    },
    formvalue(id) {
      return this.getUIElement(id)?.getValue() ?? null;
    },
    triggerValidation(id) {
      this.getUIElement(id)?.triggerValidation();
    },
    textvalue(id) {
      return E('span', {}, [this.cfgvalue(id) ?? this.default ?? '']);
    },
    options(id) {
      return { id: this.cbid(id), validate: (value) => this.validate(id, value) };
    },
    renderWidget(id, _index, value) {
      const disabled = this.map.readonly ? '' : null;
      const now = value ?? this.default ?? '';
      const common = { id: this.cbid(id), disabled };
      const node = this.choices
        ? E(
            'select',
            common,
            this.choices.map(([key, title]) =>
              E('option', { value: key, selected: key === now ? '' : null }, [title]),
            ),
          )
        : E('input', {
            ...common,
            type: this.password ? 'password' : 'text',
            value: now,
            placeholder: this.placeholder,
          });
      return new Widget(node, (field) => field.value, this.options(id)).node;
    },
    isActive(id) {
      return this.conditions.every(({ option, value }) => this.section.formvalue(id, option) === value);
    },
    render(id) {
      const names = { 'data-name': this.option, 'data-field': this.cbid(id) };
      const place = `cbi-${this.map.config}-${id}-${this.option}`;
      const frame = E('div', { id: place, class: 'cbi-value', ...names }, [
        E('label', { class: 'cbi-value-title' }, [this.title]),
        E('div', { class: 'cbi-value-field' }, [
          this.renderWidget(id, 0, this.cfgvalue(id)),
          this.description ? E('div', { class: 'cbi-value-description' }, [this.description]) : '',
        ]),
      ]);
      frame.addEventListener('widget-change', (event) => {
        this.map.checkDepends();
        this.onchange?.(event, id, this.formvalue(id));
      });
      return frame;
    },
    parse(id) {
      const widget = this.getUIElement(id);
      if (!this.isActive(id)) return this.retain ? undefined : this.remove(id);
      if (widget && !widget.isValid()) throw new TypeError(`${this.option}: ${widget.getValidationError()}`);
      const value = this.formvalue(id);
      if (value === null || value === '' || value.length === 0) {
        if (!this.rmempty) throw new TypeError(`${this.option} is empty`);
        return this.remove(id);
      }
      return JSON.stringify(value) === JSON.stringify(this.cfgvalue(id)) ? undefined : this.write(id, value);
    },
    write(id, value) {
      uci.set(this.map.config, id, this.ucioption ?? this.option, value);
    },
    remove(id) {
      const alias = this.section.children.some(
        (other) =>
          other !== this && other.ucioption && other.ucioption === this.ucioption && other.isActive(id),
      );
      if (!alias) uci.unset(this.map.config, id, this.ucioption ?? this.option);
    },
  });

  const Flag = Value.extend({
    renderWidget(id, _index, value) {
      const checked = (value ?? this.default) === '1' ? '' : null;
      const disabled = this.map.readonly ? '' : null;
      const node = E('input', { type: 'checkbox', id: this.cbid(id), checked, disabled });
      return new Widget(node, (box) => (box.checked ? '1' : '0'), this.options(id)).node;
    },
    textvalue(id) {
      return E('span', {}, [(this.cfgvalue(id) ?? this.default) === '1' ? _('Yes') : _('No')]);
    },
    write(id, value) {
      if (value === (this.default ?? '0')) uci.unset(this.map.config, id, this.option);
      else uci.set(this.map.config, id, this.option, value);
    },
  });

  const DynamicList = Value.extend({
    renderWidget(id, _index, value) {
      const list = E('div', { class: 'cbi-dynlist', id: this.cbid(id) });
      const entry = E('input', { type: 'text', class: 'add-item', placeholder: this.placeholder });
      const add = (text) => list.insertBefore(E('div', { class: 'item' }, [text]), entry);
      const change = () => list.dispatchEvent(new CustomEvent('widget-change', { bubbles: true }));
      list.append(entry);
      for (const text of [].concat(value ?? [])) add(text);
      list.addEventListener('click', (event) => {
        if (!event.target.matches('.item')) return;
        event.target.remove();
        change();
      });
      entry.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' || entry.value === '') return;
        add(entry.value);
        entry.value = '';
        change();
      });
      const texts = () => [...list.querySelectorAll('.item')].map((item) => item.textContent);
      return new Widget(list, texts, { id: this.cbid(id) }).node;
    },
    parse(id) {
      if (!this.isActive(id)) return this.retain ? undefined : this.remove(id);
      const texts = this.formvalue(id) ?? [];
      if (texts.length > 0) this.write(id, texts);
      else this.remove(id);
    },
  });

  const DummyValue = Value.extend({
    renderWidget(id) {
      return this.textvalue(id);
    },
    parse() {},
  });

  const Section = Base.extend({
    __init__(map, type, title, description) {
      Object.assign(this, { map, sectiontype: type, title, description, children: [], tabs: new Map() });
    },
    tab(name, title) {
      this.tabs.set(name, title);
    },
    option(Class, ...args) {
      const option = new Class(this, ...args);
      this.children.push(option);
      return option;
    },
    taboption(tab, Class, ...args) {
      return Object.assign(this.option(Class, ...args), { tab });
    },
    formvalue(id, name) {
      return this.children.find((option) => option.option === name)?.formvalue(id) ?? null;
    },
    fields(id) {
      if (this.tabs.size === 0) return this.children.map((option) => option.render(id));
      const panes = [...this.tabs].map(([tab, title]) =>
        E('fieldset', { 'data-tab': tab }, [
          E('legend', {}, [title]),
          ...this.children.filter((option) => option.tab === tab).map((option) => option.render(id)),
        ]),
      );
      // All panes are shown here: a tab only notes that it was chosen.
      const tabs = panes.map((pane) => {
        const choose = () => pane.setAttribute('data-chosen', '');
        return E('li', { 'data-tab': pane.dataset.tab }, [E('a', { click: choose }, [])]);
      });
      return [E('ul', { class: 'cbi-tabmenu' }, tabs), E('div', {}, panes)];
    },
    frame(children) {
      const head = this.title ? [E('h3', {}, [this.title])] : [];
      return E('div', { class: 'cbi-section' }, [...head, ...children]);
    },
  });

  const NamedSection = Section.extend({
    __init__(map, id, type, title) {
      this.super('__init__', [map, type, title]);
      this.id = id;
    },
    ids() {
      return uci.get(this.map.config, this.id) ? [this.id] : [];
    },
    render() {
      if (this.ids().length > 0) return this.frame(this.fields(this.id));
      if (!this.addremove) return this.frame([this.description ?? '']);
      const add = () => {
        uci.add(this.map.config, this.sectiontype, this.id);
        return this.map.redraw();
      };
      const button = E('button', { class: 'btn', click: add, 'data-add': this.id }, [
        this.addbtntitle ?? _('Add'),
      ]);
      return this.frame([button]);
    },
  });

  const GridSection = Section.extend({
    ids() {
      return uci.sections(this.map.config, this.sectiontype).map((s) => s['.name']);
    },
    renderRowActions(id) {
      const edit = E('button', { class: 'btn cbi-button-edit', click: () => this.edit(id) }, [_('Edit')]);
      const remove = () => {
        uci.remove(this.map.config, id);
        return this.map.redraw();
      };
      const buttons = this.addremove
        ? [edit, E('button', { class: 'btn', click: remove }, [_('Delete')])]
        : [edit];
      return E('td', { class: 'td' }, buttons);
    },
    cells() {
      return this.children.filter((option) => option.modalonly !== true);
    },
    render() {
      const row = (id) =>
        E('tr', { id: `cbi-${this.map.config}-${id}`, class: 'tr', 'data-section': id }, [
          E('td', { class: 'td' }, [id]),
          ...this.cells().map((option) => {
            const node = option.editable ? option.render(id).lastChild : option.textvalue(id);
            return E('td', { class: 'td', 'data-title': option.title, 'data-field': option.cbid(id) }, [
              node,
            ]);
          }),
          this.renderRowActions(id),
        ]);
      const name = E('input', { class: 'cbi-section-create-name' });
      const add = () => {
        uci.add(this.map.config, this.sectiontype, name.value);
        this.edit(name.value);
      };
      const create = this.addremove
        ? [name, E('button', { class: 'btn', click: add }, [this.addbtntitle])]
        : [];
      return this.frame([E('table', { class: 'table' }, [...this.ids().map(row)]), ...create]);
    },
    /** The dialog is a form of its own over the same section, with copies of the options. */
    edit(id) {
      const map = new FormMap(this.map.config);
      const section = new NamedSection(map, id, this.sectiontype);
      map.sections.push(section);
      section.tabs = this.tabs;
      for (const option of this.children.filter((one) => one.modalonly !== false)) {
        const copy = Object.create(Object.getPrototypeOf(option));
        section.children.push(Object.assign(copy, option, { section, map }));
      }
      const save = () =>
        map.save().then(
          () => {
            ui.hideModal();
            return this.map.redraw();
          },
          () => undefined,
        );
      map.readonly = this.map.readonly;
      ui.showModal(this.modaltitle(id), [
        map.draw(),
        E('button', { class: 'btn', click: ui.hideModal }, [_('Dismiss')]),
        E('button', { class: 'btn save', click: save, disabled: map.readonly ? '' : null }, [_('Save')]),
      ]);
      map.checkDepends();
    },
  });

  const FormMap = Base.extend({
    __init__(config, title, description) {
      Object.assign(this, { config, title, description, sections: [] });
      this.readonly = !L.hasViewPermission();
      this.root = E('div', { class: 'cbi-map' });
    },
    section(Class, ...args) {
      const section = new Class(this, ...args);
      this.sections.push(section);
      return section;
    },
    draw() {
      dom.content(this.root, []);
      if (this.title) append(this.root, E('h2', {}, [this.title]));
      if (this.description) append(this.root, E('div', { class: 'cbi-map-descr' }, [this.description]));
      append(
        this.root,
        this.sections.map((section) => section.render()),
      );
      return this.root;
    },
    redraw() {
      this.draw();
      this.checkDepends();
    },
    async render() {
      await uci.load(this.config);
      window.maps.push(this);
      this.redraw();
      return this.root;
    },
    checkDepends() {
      for (const section of this.sections) {
        for (const id of section.ids()) {
          for (const option of section.children) {
            const frame = option.frame(id);
            if (frame?.matches('.cbi-value')) frame.classList.toggle('hidden', !option.isActive(id));
          }
        }
      }
    },
    async save() {
      for (const section of this.sections) {
        const own = section instanceof GridSection;
        for (const id of section.ids()) {
          for (const option of section.children) {
            if (!own || (option.editable && option.modalonly !== true)) await option.parse(id);
          }
        }
      }
      await uci.save(this.config);
    },
  });

  modules.set('form', {
    Map: FormMap,
    NamedSection,
    GridSection,
    Value,
    Flag,
    ListValue: Value.extend({}),
    DynamicList,
    DummyValue,
  });
}
