// A small stand-in for LuCI's runtime in the browser: what the pages of luci-app use of it, and nothing more.
// It is stricter than LuCI where LuCI forgives: a bare string as the content of an element is an error here.

/** Every sentence in brackets: what is shown without them was not translated. */
window._ = (text) => `⟦${text}⟧`;

String.prototype.format = function (...args) {
  let at = 0;
  return this.replace(/%[sd]/g, (kind) => {
    const value = args[at++];
    return kind === '%d' ? String(Math.trunc(Number(value))) : String(value);
  });
};

class Base {
  constructor(...args) {
    this.__init__?.(...args);
  }

  static extend(members) {
    // biome-ignore lint/complexity/noThisInStatic: the class that it is called on, which may be a derived one
    const Class = class extends this {};
    for (const key of Object.keys(members)) {
      Object.defineProperty(Class.prototype, key, {
        value: members[key],
        writable: true,
        configurable: true,
      });
    }
    return Class;
  }

  /** Calls the method of that name of the class above the one that calls. */
  super(name, args) {
    this.__depth ??= {};
    const depth = this.__depth[name] ?? 0;
    const owners = [];
    for (let p = Object.getPrototypeOf(this); p; p = Object.getPrototypeOf(p)) {
      if (Object.hasOwn(p, name)) owners.push(p);
    }
    const above = owners.slice(depth + 1)[0];
    this.__depth[name] = depth + 1;
    try {
      return above?.[name].apply(this, args);
    } finally {
      this.__depth[name] = depth;
    }
  }
}

function append(node, children) {
  if (typeof children === 'string') throw new Error(`LuCI would take this for HTML: ${children}`);
  for (const child of [].concat(children ?? [])) {
    if (child === null || child === undefined) continue;
    node.append(child instanceof Node ? child : String(child));
  }
}

window.E = (tag, attributes, children) => {
  const list = attributes instanceof Node || Array.isArray(attributes) ? attributes : children;
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(list === attributes ? {} : (attributes ?? {}))) {
    if (value === null || value === undefined) continue;
    if (typeof value === 'function') node.addEventListener(name, value);
    else node.setAttribute(name, value);
  }
  append(node, list);
  return node;
};

const instances = new WeakMap();
const dom = {
  content(node, children) {
    node.replaceChildren();
    append(node, children);
    return node;
  },
  append,
  elem: (value) => value instanceof Node,
  bindClassInstance: (node, instance) => instances.set(node, instance),
  findClassInstance: (node) => instances.get(node),
};

/** Errors read as LuCI's do. */
async function send(object, method, args) {
  const body = JSON.stringify({ object, method, args });
  const { error, status, data } = await (await fetch('/ubus', { method: 'POST', body })).json();
  const call = `RPC call to ${object}/${method} failed with`;
  if (error) throw new Error(`${call} error ${error.code}: ${error.message}`);
  if (status !== 0) throw new Error(`${call} ubus code ${status}: refused`);
  return data;
}

const rpc = {
  declare({ object, method, params = [], expect }) {
    return (...values) => {
      const args = Object.fromEntries(params.map((name, i) => [name, values[i]]));
      return send(object, method, args).then((reply) => reply ?? expect?.[''] ?? 0);
    };
  },
};

const polls = [];
const poll = {
  add: (run) => polls.push(run),
  /** For tests: one round of everything that the page refreshes. */
  run: () => Promise.all(polls.map((one) => one())),
};

const view = Base.extend({
  async __init__() {
    const place = document.getElementById('view');
    dom.content(place, await this.render(await this.load()));
    append(place, this.addFooter());
    window.drawn = true;
  },
  load: () => undefined,
  handleSave() {
    return Promise.all(window.maps.map((map) => map.save()));
  },
  handleSaveApply() {
    return this.handleSave().then(() => send('uci', 'apply', {}));
  },
  handleReset: () => undefined,
  addFooter() {
    const buttons = ['handleSaveApply', 'handleSave', 'handleReset'].filter((name) => this[name]);
    // For tests: how often something was saved, or refused.
    const press = (name) => async () => {
      await this[name]().catch(() => undefined);
      window.saves = (window.saves ?? 0) + 1;
    };
    return buttons.map((name) => E('button', { class: `btn ${name}`, click: press(name) }, [window._(name)]));
  },
});

window.maps = [];
window.L = {
  isObject: (value) => typeof value === 'object' && value !== null,
  resolveDefault: (promise, value) =>
    Promise.resolve(promise).then(
      (v) => v ?? value,
      () => value,
    ),
  resource: (path) => `/luci-static/resources/${path}`,
  url: (...parts) => ['/cgi-bin/luci', ...parts].join('/'),
  hasViewPermission: () => document.documentElement.dataset.write === 'true',
};

const modules = new Map(Object.entries({ baseclass: Base, dom, rpc, poll, view }));
window.standIn = { Base, dom, append, send, poll, modules };

/** Reads a script as LuCI does: its `require` lines name what it gets, and what it returns is made once. */
window.load = async (name) => {
  if (modules.has(name)) return modules.get(name);
  const source = await (await fetch(`/luci-static/resources/${name.replace(/\./g, '/')}.js`)).text();
  const wanted = [...source.matchAll(/^'require (\S+?)(?: as (\w+))?';$/gm)];
  const given = [];
  for (const [, module] of wanted) given.push(await window.load(module));
  const names = wanted.map(([, module, as]) => as ?? module);
  const made = new Function(...names, `${source}\n//# sourceURL=${name}.js`)(...given);
  const instance = new made();
  modules.set(name, instance);
  return instance;
};
