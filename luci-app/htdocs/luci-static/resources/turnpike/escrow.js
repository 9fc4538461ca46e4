'use strict';
'require baseclass';
'require form';
'require turnpike.fields as fields';
'require turnpike.settings as settings';

// The section `escrow` of /etc/config/turnpike (docs/configuration.md).

const web = settings.matching(
  /^https?:\/\/[^\s@\x2f]+(?:\/\S{0,200})?$/,
  _('Enter an address such as https://host.')
);
const account = settings.matching(/^0x[0-9a-fA-F]{40}$/, _('Enter 0x and 40 hexadecimal digits.'));
const line = settings.matching(/^\P{Cc}{1,64}$/u, _('Enter one line of at most 64 characters.'));

/** Who is asked; returns what must be there. */
function servers({ basic, advanced }) {
  const method = basic(form.DynamicList, 'method', _('Ways to pay'), {
    description: _('Sessions and channels give back what was not used; packages are paid whole.'),
  });
  method.value('x402r-session', _('Sessions (x402r-session)'));
  method.value('x402-exact', _('Packages (x402-exact)'));
  method.value('x402-batch', _('Channels (x402-batch)'));
  const facilitator = basic(form.Value, 'facilitator', _('Facilitator'), {
    placeholder: 'https://facilitator.example.net',
    validate: web,
  });
  advanced(form.Value, 'facilitator2', _('Second facilitator'), { validate: web });
  advanced(form.Value, 'x402_facilitator', _('Facilitator of x402'), {
    description: _('For packages and channels. The others, when it is empty.'),
    validate: web,
  });
  const node = basic(form.Value, 'rpc', _('Node'), {
    placeholder: 'https://rpc.example.net',
    description: _('A facilitator is believed when this node of the network shows the same.'),
    validate: web,
  });
  const network = basic(form.Value, 'network', _('Network'), {
    validate: settings.matching(/^eip155:[1-9]\d{0,14}$/, _('Enter a network such as eip155:8453.')),
  });
  network.value('eip155:8453', 'Base');
  network.value('eip155:84532', 'Base Sepolia');
  return [facilitator, node, network];
}

/** What is paid, and to whom; returns what must be there. */
function money({ basic, advanced }) {
  const currency = basic(form.Value, 'currency', _('Currency'), {
    placeholder: 'USDC 6',
    description: _('A code and its decimals, such as USDC 6.'),
    validate: settings.matching(
      /^[A-Z][A-Z0-9]{1,11} (\d|1[0-8])$/,
      _('Enter a code and its decimals, such as USDC 6.')
    ),
  });
  const token = basic(form.Value, 'token', _('Token contract'), { validate: account });
  advanced(form.Value, 'token_name', _('Name of the token'), {
    validate: line,
    description: _('In its signatures (EIP-712). The contract is asked when it is empty.'),
  });
  advanced(form.Value, 'token_version', _('Version of the token'), { validate: line });
  basic(form.Value, 'contract', _('Escrow contract'), {
    description: _('Of sessions. The other ways to pay need none.'),
    validate: account,
  });
  const seller = basic(form.Value, 'pay_to', _('Paid to'), { validate: account });
  basic(fields.Secret, 'key', _('Key of the seller'), {
    validate: settings.matching(/^0x[0-9a-fA-F]{64}$/, _('Enter 0x and 64 hexadecimal digits.')),
  });
  return [currency, token, seller];
}

function times({ basic, advanced }) {
  const { span } = settings;
  span(basic, 'duration', _('A deposit expires after'), '24 h', { min: 3600, max: 31536000 });
  span(advanced, 'margin', _('Settle before expiry'), '10 min', { min: 600, max: 86400 });
  span(advanced, 'charge_interval', _('Charge what was used every'), '10 min', { min: 60, max: 86400 });
  advanced(form.Value, 'confirmations', _('Confirmations'), {
    datatype: 'and(uinteger,range(1,1000))',
    placeholder: '3',
    description: _('Blocks on top of a deposit after which it is final.'),
  });
}

return baseclass.extend({
  draw(tabs) {
    const on = tabs.basic(form.Flag, 'enabled', _('Switched on'));
    settings.demand(on, [...servers(tabs), ...money(tabs)]);
    times(tabs);
  },
});
