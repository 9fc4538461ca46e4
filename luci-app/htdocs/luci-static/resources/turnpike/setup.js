'use strict';
'require baseclass';
'require uci';
'require ui';
'require turnpike.api as api';
'require turnpike.daemon as daemon';

// Closes a portal's own click, puts turnpike at the gate, and switches flow offload off: shows what would be changed, does it, and takes it back.

const products = {
  opennds: 'openNDS',
  nodogsplash: 'nodogsplash',
  nftables: _('turnpike itself'),
  offload: _('the firewall'),
};

const ofPortal = {
  set: _(
    'A click on its own page opens nothing any more, and its limits end nothing that was paid. It is restarted.'
  ),
  undone: _('The portal has its own settings again, and is restarted. Its own click may open gates.'),
};
const ofFirewall = {
  set: _('Flow offload is switched off, so that no packet passes the caps. The firewall is restarted.'),
  undone: _(
    'Flow offload is as it was before, and the firewall is restarted. No data is sold while it is on.'
  ),
};
const ofOwnGate = { ...ofPortal, set: _('Plain web pages of devices without a session lead to the page.') };
const wordsOn = (target) => ({ offload: ofFirewall, nftables: ofOwnGate })[target] ?? ofPortal;

function rowOf({ name, from, to }) {
  const value = (text) => (text === '' ? E('em', {}, [_('not set')]) : text);
  return E('tr', { class: 'tr' }, [
    E('td', { class: 'td' }, [name]),
    E('td', { class: 'td' }, [value(from)]),
    E('td', { class: 'td' }, [value(to)]),
  ]);
}

function tableOf(changes) {
  const titles = [_('Option'), _('Now'), _('Then')].map((title) => E('th', { class: 'th' }, [title]));
  return E('table', { class: 'table' }, [
    E('tr', { class: 'tr table-titles' }, titles),
    ...changes.map(rowOf),
  ]);
}

/** Shows the changes, and makes them when that is confirmed. */
function confirm(target, wish, { changes }) {
  const product = products[target];
  if (changes.length === 0) return daemon.tell(_('%s is set up already.').format(product));
  const body = [E('p', {}, [wordsOn(target).set]), tableOf(changes)];
  const act = () =>
    api.call.setup({ target, ...wish, apply: true, restart: true }).then(() => () => {
      daemon.tell(_('%s is set up, and restarts.').format(product));
    });
  return daemon.dialog(_('Set up %s').format(product), body, _('Set up'), act, 'cbi-button-apply');
}

/** Asks what turnpike at the gate has to know: whose devices buy, and who keeps their way to the router. */
function ask(target) {
  const text = (placeholder) => E('input', { class: 'cbi-input-text', type: 'text', placeholder });
  const [device, where] = [text('02:00:00:00:00:01'), text('br-lan')];
  const body = [
    daemon.field(_('Free devices'), device, _('They need no session, and reach the router: name your own.')),
    daemon.field(_('Interfaces'), where),
  ];
  const act = () => {
    const [mac, name] = [device.value.trim(), where.value.trim()];
    const wish = { ...(mac && { allow_mac: mac }), ...(name && { interface: name }) };
    return api.call.setup({ target, ...wish }).then((found) => () => confirm(target, wish, found));
  };
  daemon.dialog(_('Set up %s').format(products[target]), body, _('Details'), act, 'cbi-button-action');
}

function offer(target) {
  if (target === 'nftables') return ask(target);
  return api.call.setup({ target }).then((found) => confirm(target, {}, found), daemon.say);
}

/** Puts back what was there before. */
function takeBack(target) {
  const product = products[target];
  const body = [E('p', {}, [wordsOn(target).undone])];
  const act = () =>
    api.call.setup({ target, undo: true, restart: true }).then(({ kept }) => () => {
      const rest =
        kept.length > 0
          ? ` ${_('Changed by somebody else, and left alone: %s').format(kept.join(', '))}`
          : '';
      daemon.tell(_('%s is as it was before.').format(product) + rest);
    });
  daemon.dialog(_('Undo the set-up of %s').format(product), body, _('Undo'), act, 'cbi-button-negative');
}

function buttonsOf(target) {
  const product = products[target];
  const button = (label, click) =>
    E('button', { class: 'btn cbi-button', click: ui.createHandlerFn(null, click) }, [label]);
  return [
    button(_('Set up %s…').format(product), () => offer(target)),
    ' ',
    button(_('Undo the set-up of %s…').format(product), () => takeBack(target)),
    ' ',
  ];
}

/** Two buttons for the firewall, for turnpike at the gate, and for each kind of portal that is configured; none for who may not change anything. */
function draw() {
  if (!daemon.mayWrite()) return '';
  const types = new Set(['nftables', 'offload']);
  uci.sections('turnpike', 'gateway', ({ type }) => types.add(type));
  return E(
    'p',
    {},
    Object.keys(products)
      .filter((type) => types.has(type))
      .flatMap(buttonsOf)
  );
}

return baseclass.extend({ draw });
