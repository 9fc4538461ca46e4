/** The document around its generated parts. */
export function frame({ index, session, fields, methods, notices, codes, faults, rights, user }) {
  return `<!-- Made by \`npm run docs\`: names and types come from src/api, the words from docs/generate/ubus-api. -->
# The ubus object \`turnpike\`

For those who write a till, a page or a monitor. The daemon offers one object on the router's bus; LuCI's pages use it and
nothing else.

\`\`\`sh
ubus call turnpike purchase '{"mac":"02:00:00:00:00:01","plan":"data","steps":10,
  "payment":{"method":"cash","reference":"till 7"},"idempotency_key":"sale-1"}'
ubus -v list turnpike        # methods with the types of their arguments
ubus subscribe turnpike      # or: ubus listen 'turnpike.*'
\`\`\`

Methods: ${index}.

## Answers

- Every call answers with ubus status 0. A refusal is \`{"error":{"code":"…","message":"…"}}\` and has changed nothing: the
  [codes](#error-codes) are stable, the message is for people. Where time heals it, \`next\` says from when on.
- Amounts of money are decimal strings, bytes and seconds whole numbers, times Unix seconds. Up is from the client, down is
  to the client.
- An argument that a method does not have is refused. \`ubus_rpc_session\`, which rpcd adds, is ignored. Strings are at most
  256 characters long.

## Rules of a sale

- A repeated \`idempotency_key\` with the same content has the same answer and sells nothing twice, also after a restart. The
  last 10,000 keys are kept.
- Buying again while a session runs adds to it, to the byte, its caps too. A plan that limits other things than the running
  session is refused, for nothing can be added to "unlimited".
- A refund is what was paid less the steps that were begun, oldest purchase first; hours count for
  purchases of time, and data for those of data. A \`close\` with the reason
  \`payment-failed\` or \`payment-reversed\` owes nothing, and takes what was paid out of the revenue. \`used\` never exceeds
  \`granted\`; what passed before the gate was shut is \`overshoot_bytes\`.
- A user has as many devices at once as their plan says (1). The oldest one is closed before the new one opens.
- What a session leaves of a voucher stays on it, for the same device or another one. Vouchers for single use are good for one
  session. Wrong codes are counted for each device and in all, and slow down further tries.
- Time runs on the monotonic clock while the gate is open, and while the client is away unless the plan has \`pause_away\`.
  Time in which the router was off is not billed, unless \`bill_downtime\` says so.
- A portal that is taken out of the configuration shuts the gates that were paid for first, for nobody would count what
  passes. Its sessions wait for it, or for another portal that lists their devices.

## States

| state | means |
|---|---|
| \`pending\` | bought, and the gate is not open yet; or a server is being asked |
| \`active\` | the gate is open |
| \`suspended\` | bought and not used up: the client is away, or the portal is down |
| \`closing\` | its end is decided and durable, its gate not yet read back shut |
| \`expired\` | ended: time or data is used up |
| \`terminated\` | ended for another reason |

A session has ended with a \`cause\`: \`time\`, \`data\`, \`admin\`, \`user\`, \`pc-logout\`, \`conflict\` (another device took
its place), \`coa\` (a server's order), \`idle\`, \`lost\` (away for \`lost_after\`), \`reboot\` (of a session that a server
authorised), \`payment-failed\`, \`payment-reversed\`.

## A session

One device's stay: 100 MB bought, 1 MB granted, 25 MB used when it was closed by hand.

${session}
${fields}
## Methods

${methods}
## Notifications

To those who subscribe to the object, and the same as events under \`turnpike.\` (\`turnpike.session.opened\`) to those who
listen to the bus. \`heartbeat\` is a notification only.

${notices}
## Error codes

${codes}
The entries of \`faults\` in the answer of \`reload\` have \`file\`, \`line\`, \`section\`, \`option\`, \`message\` and codes of
their own: ${faults}.

## Who may call

ubusd and rpcd decide that; turnpike trusts no caller beyond them. Root may call everything. The shipped rules
([turnpike.json](../files/usr/share/acl.d/turnpike.json)) let processes of the user \`${user}\` call ${rights}, and subscribe.
What a login to LuCI may call is in [its application's rules](../luci-app/README.md#rights).
`;
}
