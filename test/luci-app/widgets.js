// LuCI's `ui` and `uci`, as far as the pages use them.
{
  const { Base, dom, append, send, modules } = window.standIn;

  const AbstractElement = Base.extend({
    registerEvents(target, name, events) {
      for (const event of events) {
        target.addEventListener(event, () =>
          this.node.dispatchEvent(new CustomEvent(name, { bubbles: true })),
        );
      }
    },
    setUpdateEvents(target, ...events) {
      this.registerEvents(target, 'widget-update', events);
      for (const event of events) target.addEventListener(event, () => this.triggerValidation());
    },
    setChangeEvents(target, ...events) {
      this.registerEvents(target, 'widget-change', events);
    },
    triggerValidation() {
      const verdict = this.options.validate?.(this.getValue()) ?? true;
      this.fault = verdict === true ? '' : verdict;
      this.node.classList.toggle('cbi-input-invalid', verdict !== true);
    },
    isValid() {
      this.triggerValidation();
      return this.fault === '';
    },
    getValidationError() {
      return this.fault;
    },
  });

  const overlay = () => document.getElementById('modal_overlay');
  // As LuCI: Escape presses the first button of the dialog.
  document.addEventListener('keydown', (event) => {
    const first = event.key === 'Escape' && overlay().querySelector('.button-row > .btn');
    if (first) first.click();
  });
  const ui = {
    AbstractElement,
    showModal(title, children) {
      const modal = E('div', { class: 'modal', role: 'dialog' }, [E('h4', {}, [title])]);
      append(modal, children);
      dom.content(overlay(), modal);
      document.body.classList.add('modal-overlay-active');
      return modal;
    },
    hideModal() {
      dom.content(overlay(), []);
      document.body.classList.remove('modal-overlay-active');
    },
    addNotification(_title, children, style) {
      const note = E('div', { class: `alert-message ${style ?? ''} note` });
      append(note, children);
      document.getElementById('notes').append(note);
      return note;
    },
    addTimeLimitedNotification: (title, children, _ms, style) => ui.addNotification(title, children, style),
    /** As LuCI: the button spins and cannot be pressed until the promise ends. */
    createHandlerFn: (self, run) => async (event) => {
      const button = event.currentTarget;
      button.disabled = true;
      try {
        return await (typeof run === 'string' ? self[run](event) : run.call(self, event));
      } finally {
        button.disabled = false;
      }
    },
  };

  const configs = new Map();
  const sectionsOf = (config) => configs.get(config) ?? [];
  const find = (config, id) => sectionsOf(config).find((s) => s['.name'] === id);
  const uci = {
    async load(config) {
      if (!configs.has(config)) configs.set(config, (await send('uci', 'get', { config })).values);
    },
    sections: (config, type) => sectionsOf(config).filter((s) => type === undefined || s['.type'] === type),
    get(config, id, option) {
      const section = find(config, id);
      return option === undefined ? section : section?.[option];
    },
    set(config, id, option, value) {
      const section = find(config, id);
      if (section) section[option] = value;
    },
    unset(config, id, option) {
      delete find(config, id)?.[option];
    },
    add(config, type, name) {
      sectionsOf(config).push({ '.name': name, '.type': type });
      return name;
    },
    remove(config, id) {
      configs.set(
        config,
        sectionsOf(config).filter((s) => s['.name'] !== id),
      );
    },
    async save(config) {
      await send('uci', 'replace', { config, values: sectionsOf(config) });
    },
  };

  const children = (names) => Object.fromEntries(names.map((name) => [name, { satisfied: true }]));
  // Who may not change anything has no pages of settings in the menu.
  ui.menu = {
    async load() {
      const all = ['sessions', 'deposits', 'vouchers', 'statistics'];
      const owned = L.hasViewPermission() ? ['pricing', 'page', 'upstream', 'general'] : [];
      const turnpike = { children: children([...all, ...owned]) };
      return { children: { admin: { children: { services: { children: { turnpike } } } } } };
    },
  };
  modules.set('ui', ui);
  modules.set('uci', uci);
}
