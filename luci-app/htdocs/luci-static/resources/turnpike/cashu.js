'use strict';
'require baseclass';
'require form';
'require turnpike.settings as settings';

// The section `cashu` of /etc/config/turnpike (docs/configuration.md).

return baseclass.extend({
  draw({ basic }) {
    const on = basic(form.Flag, 'enabled', _('Switched on'));
    const mint = basic(form.DynamicList, 'mint', _('Mints'), {
      placeholder: 'https://mint.example.net sat',
      description: _(
        'Each with its unit. Plans have a price in the same letters, such as 10 SAT. Whoever runs the mint holds the money until you take it out: turnpike cashu export.'
      ),
      validate: settings.matching(
        /^https?:\x2f\x2f[a-z0-9.:[\]-]+(\x2f[\w.~\x2f-]*)? [a-z][a-z0-9]{1,11}( \d)?$/,
        _('Enter an address and a unit such as https://mint.example.net sat.')
      ),
    });
    settings.demand(on, [mint]);
    basic(form.Flag, 'lightning', _('Lightning'), {
      description: _(
        'Customers can pay with Bitcoin over Lightning: a mint of the unit sat makes the invoice.'
      ),
    });
    basic(form.Value, 'payout', _('Lightning address'), {
      placeholder: 'rosa@wallet.example',
      description: _('What you earn in satoshis is sent there. Empty: it stays here until you take it out.'),
      validate: settings.matching(
        /^[a-z0-9._+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/,
        _('Enter an address such as rosa@wallet.example.')
      ),
    });
    basic(form.Value, 'payout_at', _('Send from so many satoshis on'), {
      datatype: 'and(uinteger,range(1,100000000))',
      placeholder: '10000',
    });
  },
});
