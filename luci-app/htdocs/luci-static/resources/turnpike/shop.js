'use strict';
'require baseclass';
'require uci';

// What `config web 'web'` says of the shop, as others see it.

/** The address of the customers' page, as a phone opens it; empty where there is no page. */
function address({ enabled, listen, certificate }) {
  const first = [].concat(listen ?? [])[0];
  if (enabled === '0' || !first) return '';
  return `${certificate ? 'https' : 'http'}://${first}/`;
}

return baseclass.extend({
  address,

  /** Name and address, once `uci` has loaded the configuration. */
  read() {
    const web = uci.get('turnpike', 'web') ?? {};
    return { name: web.name ?? '', address: address(web) };
  },
});
