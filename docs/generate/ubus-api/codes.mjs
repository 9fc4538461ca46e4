// What docs/ubus-api.md says of each error code. A test finds the codes in the source: each must be here, and no other.

/** Groups of `[code, what it means, what to do]`. */
export const codes = {
  'The call': [
    [
      'bad_argument',
      'An argument is missing, of the wrong type, too long, out of range or unknown; or arguments are nested more than 32 deep, which `ubus` and uhttpd refuse by themselves.',
      'Correct the call: the message names the argument.',
    ],
    [
      'bad_mac',
      'This is no MAC address of a single device.',
      'Send `02:00:00:00:00:01` or `02-00-00-00-00-01`.',
    ],
    [
      'bad_key',
      '`idempotency_key` is not 1 to 128 printable characters without spaces.',
      'Make a key for each order, and keep it for repeats.',
    ],
    [
      'bad_reason',
      'A caller of `close` or `logout_user` may not give this reason.',
      'Give one of those in the message.',
    ],
    ['key_conflict', 'The `idempotency_key` was used for another request.', 'Use a new key for a new order.'],
    [
      'forgotten',
      'The key is known, and what it was used for is not kept any more. Vouchers: their codes are shown once, unless they are kept for `voucher_codes`.',
      'Look at `sessions` or `vouchers` before you order anew; void a batch whose codes are lost.',
    ],
    [
      'busy',
      '512 calls (or 16 orders on MQTT) are under way; or this device is being logged in, or a gate does not shut yet.',
      'Try again, with the same key.',
    ],
    [
      'stopping',
      'turnpike is being stopped, and takes no new calls.',
      'Try again in some seconds, with the same key.',
    ],
    ['internal', 'A defect of turnpike.', 'Report it with what the log has.'],
    [
      'setup_impossible',
      'What `setup` is asked to set up is not here, or not ready: no portal of this kind, no address, changes that are not committed.',
      'Do what the message says.',
    ],
    [
      'setup_failed',
      '`uci` is missing, or did not set what it was told to, or the disk does not take it.',
      'See the message. `undo` takes back what was half done.',
    ],
    [
      'needs_root',
      'With `drop_root` turnpike may not write the configuration of others: `setup` is not its own to do.',
      'LuCI does it by itself: the ubus object `turnpike-root` of rpcd takes the same arguments. Or `turnpike setup` in root’s shell.',
    ],
    ['not_set_up', 'There is nothing to undo.', 'Nothing: the portal has its own settings.'],
  ],
  Buying: [
    ['unknown_plan', 'There is no plan of this id, or it is switched off.', 'Ask `plans`.'],
    [
      'plan_off',
      'turnpike started while the section of this plan had a fault: the plan is not for sale until that is mended.',
      'The owner mends what `status` says under `configuration`; sell another plan meanwhile.',
    ],
    [
      'unknown_method',
      'There is no payment method of this name that sells this way.',
      'Ask `quote`: it lists the ways to pay.',
    ],
    [
      'unknown_device',
      'At `/x402` of the page: what asks is no device on an interface of a portal.',
      'Ask from the WiFi that is for sale.',
    ],
    ['unknown_gateway', 'There is no configured portal of this name.', 'Ask `status`.'],
    [
      'unknown_session',
      'There is no such session, or `after` names one that is not kept.',
      'Ask `sessions`.',
    ],
    [
      'gateway_needed',
      'Several portals are configured and none lists this device yet.',
      'Name the `gateway`, or try again when the device has shown up.',
    ],
    [
      'bad_steps',
      "The number of steps is not within the plan's `min_steps` and `max_steps`.",
      'Ask `plans`.',
    ],
    [
      'bad_amount',
      'The amount is no decimal number of the currency, or came together with `steps`.',
      'Send one of the two.',
    ],
    [
      'no_price',
      'The plan has no price that the payment method takes.',
      'Choose another currency or method; a plan with `free_per_day` takes no payment.',
    ],
    [
      'bad_payment',
      'What the payment method asks for is missing or wrong.',
      'Correct `payment`: the message says what is missing.',
    ],
    [
      'free_used',
      'The device has had the free plan as often as a day allows, or all devices together have.',
      'Wait until `next` (Unix seconds), or buy.',
    ],
    ['price_differs', '`payment.paid` is not the price.', 'Ask `quote` and load the price list again.'],
    [
      'limits_differ',
      'The running session limits other things than this plan, so nothing can be added.',
      'Sell its own plan, or close it first.',
    ],
    ['too_large', 'The sum would outgrow what can be counted exactly (2^53).', 'Sell less at once.'],
    [
      'portal_full',
      'The portal lists more devices than can be counted: nothing was sold.',
      'Look at `status`; shorten how long the portal remembers devices that have left.',
    ],
    [
      'offloaded',
      'Flow offload takes packets past caps and counters: nothing is sold by the byte.',
      'Call `turnpike setup offload`, or set `allow_offload` where that is meant.',
    ],
    ['too_many_sessions', '10,000 sessions have not ended.', 'Close some.'],
    [
      'storage_full',
      'The disk is full: nothing was sold. Sessions that run go on.',
      'Make room; it gets well by itself.',
    ],
    [
      'storage_failed',
      'The journal cannot be written: nothing was sold. Of `order` and `payment_confirm`: orders cannot be read now.',
      'Look at `status` and the log; the disk may be broken. Ask for an order again, and tell its payment again, later.',
    ],
  ],
  'Orders that are paid elsewhere': [
    [
      'unknown_order',
      'There is no such order, or it is older than a day.',
      'Make another one. Money that came for it is in the log: give it back by hand.',
    ],
    [
      'too_many_orders',
      'Five orders of this device, or 2,000 in all, wait to be paid.',
      'Pay one of them, or try again later.',
    ],
    [
      'hook_unsigned',
      'A message to `/hooks/NAME` is not signed with a configured secret, or not within five minutes.',
      'Compare the secrets and the clocks.',
    ],
  ],
  'Cashu tokens': [
    [
      'foreign_mint',
      'The token is of a mint, or in a unit, that is not configured.',
      'Pay with one of a mint that the message names.',
    ],
    [
      'payment_locked',
      'The token is locked to a key or a secret: only its owner can spend it.',
      'Send it to an open token first.',
    ],
    [
      'payment_short',
      "The token is worth less than the price, after the mint's fee. It was not touched.",
      'Pay with a larger one, or buy fewer steps.',
    ],
    ['token_spent', 'The token was spent before.', 'Pay with another one.'],
    [
      'unknown_export',
      '`written` is not the last token that was taken out.',
      'Call without it: that token comes again.',
    ],
  ],
  'Voucher codes': [
    [
      'voucher_key_damaged',
      'The key that voucher codes are kept under is damaged or lost, and its copy, too, or they are of another router: no voucher can be made or redeemed. All else is sold. Of `voucher_codes`: it is another one than the batch was made with.',
      'Put `vouchers.key` back from a backup, and remove `vouchers.key.copy`: it is read at the next code. Where both are good and differ, remove the one of the other router. Without a backup, remove both, call [damage_acknowledge](#damage_acknowledge), which makes a new key, and make new vouchers: the old ones are worthless.',
    ],
    [
      'codes_not_kept',
      'The codes of this batch are not kept: it was made without `reprint`, one of its vouchers was used or made void, or their time is over; or the option `reprint` is 0.',
      'Void what was not handed out, and make new vouchers.',
    ],
    ['unknown_voucher', 'There is no voucher or batch of this code or number.', 'Type it again.'],
    [
      'voucher_in_use',
      'Another device uses it, and it is for single use; or its session is not over yet.',
      'Wait for the end of that session.',
    ],
    [
      'voucher_busy',
      'It is being redeemed elsewhere, or its other device is just being shut out.',
      'Try again.',
    ],
    ['voucher_spent', 'It is used up.', 'Buy another one.'],
    ['voucher_expired', 'Its time is over.', 'Buy another one.'],
    [
      'clock_not_set',
      'The voucher has an end, and the router has never heard the time.',
      'Try again when its clock is set, as by NTP or in LuCI.',
    ],
    ['voucher_void', 'The owner made it worthless.', 'Ask the owner.'],
    [
      'unknown_carry',
      'There is no such code of `carry`, or it was used, or its time is over.',
      'Make a new one.',
    ],
    [
      'too_many_vouchers',
      '10,000 are kept, and this batch does not fit.',
      'Void old batches, or make a smaller one.',
    ],
    [
      'too_many_attempts',
      'Too many wrong codes or passwords, of this device or in all.',
      'Wait as long as the message says.',
    ],
  ],
  'Logins at a server': [
    ['login_rejected', 'The server refused; the message has its own words.', 'Correct name or password.'],
    ['login_timeout', 'No server answered.', 'Try again; look at `upstream_test`.'],
    [
      'bad_authorization',
      'The server let the user in with an attribute that cannot be read.',
      'Correct the attribute at the server: the message names it.',
    ],
    ['session_running', 'The device has a session of its own.', 'Close it first.'],
    [
      'authorized_elsewhere',
      'A server decides on the running session: nothing can be sold into it.',
      'Close it first, or `grant`.',
    ],
    ['closed', 'The session was closed while the server was being asked.', 'Log in again.'],
  ],
  'Deposits from wallets': [
    [
      'payment_pending',
      'The deposit is on its way, or the mint of a token does not answer.',
      'Ask again with the same order and key: do not sign anew, and pay with no other token.',
    ],
    [
      'payment_rejected',
      'The chain or its facilitator refused the deposit, or the mint refused the token; the message says why.',
      'Pay anew, with another signature or token.',
    ],
    [
      'payment_returned',
      'The money came, could not be served, and went back; a token is in `returned`.',
      'Order again.',
    ],
    [
      'payment_used',
      'This payment was used for another purchase.',
      'Sign another one, or pay with another token.',
    ],
    [
      'too_many_deposits',
      'The payments of 6,000 deposits are remembered: the open ones, and those that could be presented again.',
      'Try again when the first of these payments are out of date: in 25 minutes at the latest.',
    ],
    [
      'unknown_deposit',
      'The session has no deposit that is open, or `after` names none that is kept.',
      'Ask `deposits`.',
    ],
    [
      'escrow_unready',
      'Node, escrow or token are away or not as configured.',
      'Ask again; the message and `status` say more.',
    ],
    [
      'old_contract',
      'The configured escrow is of a version that is not served any more.',
      'The owner deploys the new one and names it in `contract`.',
    ],
    [
      'unsupported_type',
      'The payment is of a scheme or type that is not taken here.',
      'Take one of those that `quote` lists.',
    ],
    ['wrong_network', 'The payment is for another chain.', 'Sign for the network in the requirements.'],
    ['unknown_token', 'The payment is in another token.', 'Pay in the `asset` of the requirements.'],
    ['wrong_payee', 'The money would go to another account.', 'Sign for the `payTo` of the requirements.'],
    ['wrong_seller', 'The terms name another seller.', 'Sign for the seller of the requirements.'],
    [
      'bad_terms',
      'Price, units, amount, duration or times do not fit together.',
      'Sign what `quote` asked for.',
    ],
    [
      'terms_not_signed',
      "The authorization's nonce is not the hash of the terms.",
      'Use the hash of the terms as the nonce.',
    ],
    [
      'bad_signature',
      'It is not signed by the key of the account that pays. Smart wallets are not taken.',
      'Sign with that key.',
    ],
    ['not_yet_valid', 'The authorization is not valid yet.', "Wait, or set the wallet's clock."],
    ['expired_authorization', 'The authorization ends too soon to be mined.', 'Sign one with more time.'],
    ['exceeds_deposit', 'More is signed than the deposit pays for.', 'Sign less.'],
    ['stale_signature', 'As much is signed already, or the session is over.', 'Sign a higher total.'],
  ],
  'Servers and orders': [
    ['unknown_upstream', 'No server of this name is switched on.', 'Ask `status`.'],
    ['upstream_silent', 'The server does not answer.', 'Look at address, firewall and secret.'],
    [
      'bad_upstream',
      'What is there is no TollGate, or not the one whose key is configured.',
      'Look at `address` and `key` of section `upstream_purchase`.',
    ],
    ['upstream_closed', 'The TollGate upstream sells nothing now.', 'Ask whoever runs it.'],
    [
      'no_coins',
      'The purse has no coins that pay for whole steps upstream.',
      'Earn more, or allow more at once with `at_once`.',
    ],
    [
      'upstream_refused',
      'The broker does not take our name, password or certificate.',
      'Correct the credentials.',
    ],
    ['not_allowed', 'The owner does not allow this order on MQTT.', 'Add it to the list `allow`.'],
    [
      'answer_too_large',
      'On MQTT: the order was carried out, and the broker takes no message as large as its answer.',
      'Raise the limit of the broker and repeat the order with its key, or look at `sessions`; void vouchers whose codes are lost, and make fewer at once.',
    ],
    [
      'no_response_topic',
      'On MQTT: the answer has codes of vouchers in it, and the order names no response topic of its own.',
      'Name one below the prefix, of MQTT 5, that only they may read who may have the codes; not `reply`.',
    ],
    [
      'bad_config',
      '`reload` found faults and changed nothing.',
      'Correct what `faults` lists; `turnpike check` says the same.',
    ],
  ],
};

/** Codes of the entries of `faults`, in the answer of `reload`. */
export const faultCodes = {
  unreadable: 'the file cannot be read',
  exposed: 'others than root may open the file of the secrets; `turnpike check` alone says so',
  syntax: 'this is not UCI',
  unknown_section: 'there is no section of this type',
  unknown_option: 'the section has no such option',
  missing: 'an option or a section is not there',
  bad_value: 'the value is not what the option takes',
  duplicate: 'a name or a section is there twice',
  conflict: 'two values do not fit together',
};
