'use strict';
'require baseclass';
'require uci';
'require turnpike.endpoint as endpoint';

// What `config web 'web'` says of the shop, as others see it.

const usualPort = '2080';

/**
 * The address of the customers' page, as a phone opens it; empty where there is no page. A page at every address of
 * the router is at `own`, too.
 */
function address(web, port, own) {
  const { enabled, listen, certificate } = web;
  const first = [].concat(listen ?? [])[0];
  const at = first ? endpoint.read(first) : port && { host: own };
  if (enabled === '0' || !at) return '';
  return `${certificate ? 'https' : 'http'}://${at.host}:${at.port ?? port ?? usualPort}/`;
}

return baseclass.extend({
  address,

  /** Name and address, once `uci` has loaded the configuration. */
  read() {
    const web = uci.get('turnpike', 'web');
    const port = uci.get('turnpike', 'main')?.page_port;
    return { name: web?.name ?? '', address: web ? address(web, port, window.location.hostname) : '' };
  },
});
