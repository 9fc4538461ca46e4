// Runs the scripts of the LuCI application as LuCI does, without a browser.
import { read } from './source.js';

/** Takes every call, and has every member: it is those itself. */
export const anything: object = new Proxy(() => undefined, {
  get(_target, key) {
    if (key === Symbol.toPrimitive) return () => '';
    return key === 'then' || typeof key === 'symbol' ? undefined : anything;
  },
  apply: () => anything,
  construct: () => anything,
  set: () => true,
});

// LuCI's, as far as it is needed here.
Object.assign(String.prototype, {
  format(this: string, ...args: unknown[]) {
    return this.replace(/%[sd]/g, () => String(args.shift()));
  },
});

const isObject = (value: unknown) => typeof value === 'object' && value !== null;
const luci = new Proxy(anything, {
  get: (target, key, self) => (key === 'isObject' ? isObject : Reflect.get(target, key, self)),
});

/** Makes a class out of its members, which are all that is looked at. */
export const base = { extend: (members: object) => members };

export type Modules = Readonly<Record<string, unknown>>;

/** What a script returns. Modules that are not given take everything. */
export function evaluate(file: string, modules: Modules): unknown {
  const source = read(file);
  const names = [...source.matchAll(/^'require (\S+?)(?: as (\w+))?';$/gm)].map((m) => ({
    module: m[1]!,
    as: m[2] ?? m[1]!,
  }));
  const globals = { _: (text: string) => text, L: luci, E: () => ({}) };
  const given = names.map(({ module }) => ({ baseclass: base, view: base, ...modules })[module] ?? anything);
  const make = new Function(...names.map(({ as }) => as), ...Object.keys(globals), source);
  return make(...given, ...Object.values(globals));
}
