// The LuCI application, without a browser: its files hang together and keep LuCI's rules.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { methods } from '../../src/api/control.js';
import { languages } from '../../src/config/web.js';
import { evaluate } from './evaluate.js';
import { app, isTranslated, literals, read, readJson, resources, scripts, template } from './source.js';

interface Permissions {
  readonly ubus?: Readonly<Record<string, readonly string[]>>;
  readonly uci?: readonly string[];
  readonly file?: Readonly<Record<string, readonly string[]>>;
}
interface Group {
  readonly read: Permissions;
  readonly write: Permissions;
}
interface AclFile {
  readonly 'luci-app-turnpike': Group;
  readonly 'luci-app-turnpike-own': Group;
}
interface MenuEntry {
  readonly title: string;
  readonly action: { readonly type: string; readonly path: string };
  readonly depends: { readonly acl: readonly string[] };
}

const acl = readJson('root/usr/share/rpcd/acl.d/luci-app-turnpike.json') as AclFile;
const { 'luci-app-turnpike': shop, 'luci-app-turnpike-own': own } = acl;
const parts = [shop.read, shop.write, own.read, own.write];
const menu = readJson('root/usr/share/luci/menu.d/luci-app-turnpike.json') as Record<string, MenuEntry>;

interface Declared {
  readonly object: string;
  readonly method: string;
  readonly params: readonly string[];
}

/** Every call that a script declares with `rpc.declare`. */
function declared(file: string): Declared[] {
  const calls: Declared[] = [];
  const rpc = {
    declare: (one: Declared) => {
      calls.push({ object: one.object, method: one.method, params: one.params ?? [] });
      return () => Promise.resolve({});
    },
  };
  evaluate(file, { rpc });
  return calls;
}

test('every entry of the menu has a title, its rights, and a view that exists', () => {
  const pages = Object.entries(menu);
  assert.is(pages.length, 9);
  for (const [path, { title, action, depends }] of pages) {
    assert.ok(path.startsWith('admin/services/turnpike'), path);
    assert.ok(title.length > 0, path);
    const isForm = /(pricing|page|upstream|general)$/.test(path);
    assert.equal(depends.acl, ['luci-app-turnpike', ...(isForm ? ['luci-app-turnpike-own'] : [])], path);
    if (action.type === 'alias') assert.ok(action.path in menu, action.path);
    else assert.ok(existsSync(join(resources, 'view', `${action.path}.js`)), action.path);
  }
});

test('who gives a login the rights of the README is told what LuCI itself needs', () => {
  const [, rights = ''] = readFileSync('luci-app/README.md', 'utf8').split('## Rights');
  for (const group of ['unauthenticated', 'luci-base', 'luci-app-turnpike'])
    assert.match(rights, `list read '${group}'`);
  assert.match(rights, /\| own \|.*`luci-base` \|/, 'who writes settings needs uci set and apply');
});

test('every view is in the menu', () => {
  const views = scripts.filter((file) => file.startsWith('view/turnpike/'));
  const wanted = views.map((file) => file.replace(/^view\/|\.js$/g, ''));
  const given = Object.values(menu).flatMap(({ action }) => (action.type === 'view' ? [action.path] : []));
  assert.equal(given.sort(), wanted.sort());
});

test('every call exists on the ubus object, with these arguments', () => {
  const calls = scripts.flatMap(declared).filter(({ object }) => object === 'turnpike');
  assert.ok(calls.length >= 12, `${calls.length} calls`);
  for (const { method, params } of calls) {
    const known = methods[method];
    assert.ok(known, `there is no method ${method}`);
    for (const param of params) assert.ok(param in known.args, `${method} has no argument ${param}`);
  }
});

test('every call is in one part of the rights, and in no more', () => {
  const calls = scripts.flatMap(declared);
  const given = (part: Permissions, { object, method }: Declared) => part.ubus?.[object]?.includes(method);
  for (const call of calls) {
    // LuCI's own group luci-base lets whoever may write call uci.
    if (call.object === 'uci') continue;
    const groups = parts.filter((part) => given(part, call));
    assert.is(groups.length, 1, `${call.object} ${call.method} is in ${groups.length} groups`);
  }
  for (const part of parts) {
    for (const [object, names] of Object.entries(part.ubus ?? {})) {
      for (const method of names) {
        const used = calls.some((call) => call.object === object && call.method === method);
        assert.ok(used, `the right to ${object} ${method} is not used`);
      }
    }
  }
});

test('who sees changes nothing, who sells sees and changes no setting, and no secret can be read', () => {
  assert.equal(shop.write, {
    file: { '/etc/init.d/turnpike start': ['exec'] },
    ubus: {
      file: ['exec'],
      turnpike: ['close', 'grant', 'purchase', 'voucher_codes', 'voucher_create', 'voucher_void'],
    },
  });
  assert.equal(own.write.ubus, {
    turnpike: ['reload', 'setup', 'upstream_test'],
    'turnpike-root': ['setup'],
  });
  assert.equal([shop.read.uci, shop.read.file], [undefined, undefined]);
  assert.equal(own.read, { uci: ['turnpike'] });
  assert.equal(own.write.uci, ['turnpike', 'turnpike_secrets']);
  assert.not.match(JSON.stringify(acl), /\*|"rc"/, 'rights are named one by one, and no other service’s');
});

test('passwords go through the field that is never read', () => {
  for (const file of scripts.filter((f) => f !== 'turnpike/fields.js')) {
    assert.not.match(read(file), /password\s*[:=]\s*true|turnpike_secrets/, file);
  }
  const secrets = { radius: ['secret', 'mac_password'], mqtt: ['password'], escrow: ['key'] };
  for (const [sink, names] of Object.entries(secrets)) {
    const asked = [...read(`turnpike/${sink}.js`).matchAll(/fields\.Secret, '(\w+)'/g)];
    assert.equal(
      asked.map(([, name]) => name),
      names,
    );
  }
});

test('the configuration for secrets is made for root alone, once', () => {
  const script = readFileSync('files/etc/uci-defaults/40_turnpike', 'utf8');
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  try {
    const secrets = join(dir, 'config/turnpike_secrets');
    const text = script.replaceAll('/etc/', `${dir}/`);
    mkdirSync(join(dir, 'config'));
    const run = () => spawnSync('sh', ['-u'], { input: text });
    assert.is(run().status, 0);
    assert.is(statSync(secrets).mode & 0o777, 0o600);
    writeFileSync(secrets, 'config secret');
    assert.is(run().status, 0);
    assert.is(readFileSync(secrets, 'utf8'), 'config secret', 'what is there stays');
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('no page writes HTML', () => {
  for (const file of scripts) {
    const source = read(file);
    assert.not.match(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser/, file);
    assert.not.match(source, /\beval\(|new Function/, file);
    // LuCI's E() and dom.content() take a bare string for HTML, and a list of strings for text.
    assert.not.match(source, /\bE\(\s*'[\w-]+',\s*\{[^{}]*\},\s*(?:['"`]|_\()/, file);
    assert.not.match(source, /\bdom\.(?:content|append)\(\w+,\s*(?:['"`]|_\(|\w+\.message)/, file);
  }
});

/** Words in code that nobody reads: names of options, classes, events, units, keys of a table. */
function isTechnical(whole: string): boolean {
  const text = whole.replace(/%[sd]/g, '');
  if (/^[\d.]+ \p{L}+$|^[A-Z]{3,4} \d$/u.test(text)) return true;
  return !/\p{L}/u.test(text) || /^[a-z0-9_$:.#[\]{}()<>='/@*+?!|,;%"\\^-]+$/i.test(text);
}

/** Names that are the same in every language. */
const properNames = ['Base Sepolia', ...Object.values(languages)];

/** Where a string is not for people, though it has spaces: classes, and what a field suggests as an example. */
const notShown = /(?:class|placeholder|viewBox|require|type):\s*$|quantity\([^;]*$/;

test('every sentence passes through _()', () => {
  let seen = 0;
  for (const file of scripts) {
    for (const literal of literals(file)) {
      if (isTranslated(literal)) seen += 1;
      if (isTranslated(literal) || literal.text.startsWith('require ') || literal.text === 'use strict')
        continue;
      if (isTechnical(literal.text) || properNames.includes(literal.text) || notShown.test(literal.before))
        continue;
      if (/^(?:[\w-]+|\{\}|#|\.)(?: (?:[\w{}.#-]+|\{\}))*$/.test(literal.text) && literal.kind === 'template')
        continue;
      assert.unreachable(`${file}:${literal.line} shows '${literal.text}' to nobody but the English`);
    }
  }
  assert.ok(seen > 150, `${seen} sentences`);
});

test('no sentence is put together before it is translated', () => {
  for (const file of scripts) {
    for (const literal of literals(file)) {
      if (!isTranslated(literal)) continue;
      assert.is(literal.kind, 'string', `${file}:${literal.line}`);
      assert.is(literal.text, literal.text.trim().replace(/\s+/g, ' '), 'LuCI looks it up so');
      assert.match(literal.after, /^\s*\)/, `${file}:${literal.line}: ${literal.text}`);
    }
  }
});

test('the template for translators is complete', () => {
  const file = join(app, 'po/templates/turnpike.pot');
  if (process.env.UPDATE_POT) writeFileSync(file, template());
  assert.fixture(readFileSync(file, 'utf8'), template(), 'npm run pot writes it');
});

test('every module that a page requires is there, and none is left over', () => {
  const modules = new Set<string>();
  for (const file of scripts) {
    for (const [, name] of read(file).matchAll(/^'require (turnpike\.\w+)/gm)) modules.add(name!);
  }
  const given = scripts.filter((f) => f.startsWith('turnpike/')).map((f) => f.replace('/', '.').slice(0, -3));
  assert.equal([...modules].sort(), given.sort());
});

test('views and their modules stay short', () => {
  for (const file of scripts) {
    const lines = read(file).split('\n').length;
    assert.ok(lines <= 201, `${file} has ${lines} lines`);
  }
});

test.run();
