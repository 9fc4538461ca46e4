// A section `hook`, as an owner writes it, and what `turnpike check` says of it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hookHints } from '../../../src/wiring/hook-hints.js';
import { loadConfig } from '../../../src/wiring/schema.js';
import { allHooksOf, hooksOf, orderHooks } from '../../../src/wiring/settings.js';

const portal = "config gateway 'hotspot'\n\toption type 'opennds'\n";
const hook = (...lines: string[]) =>
  `${portal}config hook 'card'\n\toption enabled '1'\n\tlist currency 'USD 2'\n${lines.map((line) => `\t${line}\n`).join('')}`;
const mqtt = (...lines: string[]) =>
  `config mqtt 'mqtt'\n\toption enabled '1'\n\toption url 'mqtt://b'\n${lines.map((line) => `\t${line}\n`).join('')}`;
const secrets = { text: "config secret 'card'\n\toption secret 'whsec_of_stripe_0001'\n", file: 'f_secrets' };

function read(text: string, withSecret = false) {
  return loadConfig(text, 'f', withSecret ? secrets : undefined);
}

test('a hook whose messages go to the hub has no secret here, and one whose come here needs it', () => {
  const hub = read(hook("option signature 'hub'"));
  assert.ok(hub.ok);
  assert.equal(hooksOf(hub.config)[0]!.secrets, []);
  assert.is(orderHooks(hub.config, 'cafe-north')[0]!.router, 'cafe-north');
  const own = read(hook("option signature 'stripe'"), true);
  assert.is(own.ok && orderHooks(own.config, 'cafe-north')[0]!.router, undefined);
  for (const [text, withSecret, code] of [
    [hook("option signature 'stripe'"), false, 'missing'],
    [hook(), false, 'missing'],
    [hook("option signature 'hub'"), true, 'conflict'],
    [hook("option signature 'hubb'"), true, 'bad_value'],
  ] as const) {
    const bad = read(text, withSecret);
    assert.equal(bad.ok ? [] : bad.faults.map((fault) => fault.code), [code], text);
  }
});

test('a hook for logouts needs no currency, and is no way to pay', () => {
  const pc = (...lines: string[]) => {
    const all = ["option enabled '1'", "option takes 'logouts'", ...lines];
    const text = `${portal}config hook 'pc'\n${all.map((line) => `\t${line}\n`).join('')}`;
    return loadConfig(text, 'f', { ...secrets, text: secrets.text.replace('card', 'pc') });
  };
  const good = pc();
  assert.ok(good.ok);
  assert.equal([hooksOf(good.config), orderHooks(good.config, 'cafe')], [[], []]);
  assert.equal(
    allHooksOf(good.config).map(({ name, takes }) => [name, takes]),
    [['pc', 'logouts']],
  );
  assert.equal(good.config.warnings, []);
  for (const signature of ['stripe', 'hub']) {
    const bad = pc(`option signature '${signature}'`);
    assert.ok(
      !bad.ok && bad.faults.some(({ code, message }) => code === 'conflict' && /logouts/.test(message)),
    );
  }
  const without = loadConfig(`${portal}config hook 'card'\n\toption enabled '1'\n`, 'f', secrets);
  assert.equal(without.ok ? [] : without.faults.map(({ message }) => message), ['currency is missing']);
});

test('turnpike check says when no hub can say what is paid', () => {
  const hints = (text: string) => {
    const { ok, ...rest } = read(text) as { ok: boolean; config?: Parameters<typeof hookHints>[0] };
    assert.ok(ok, text);
    return hookHints(rest.config!).length;
  };
  const hub = hook("option signature 'hub'");
  assert.is(hints(hub), 1);
  assert.is(hints(hub + mqtt("option commands '1'")), 1, 'it has to be named');
  assert.is(hints(hub + mqtt("list allow 'payment_confirm'")), 1, 'orders are off');
  assert.is(hints(hub + mqtt("option commands '1'", "list allow 'payment_confirm'")), 0);
});

test.run();
