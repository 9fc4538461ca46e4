// What docs/ubus-api.md says of each notification. A test finds them in src/ports/notice.ts.

const session = 'A [session](#a-session).';

/** By type: when it is told, and what is in it. */
export const notices = {
  'session.opened': ['The gate of a session opened for the first time.', session],
  'session.usage': [
    'Usage was written down: every `flush_interval`, one notification for each session whose bytes or time moved.',
    '`id`, `mac`, `gateway`, `state`, `used`, `remaining`, `up_bytes`, `down_bytes`, `user`.',
  ],
  'session.low': ['`low_percent` of one of its limits is used. A top-up arms it again.', session],
  'session.closed': ['The gate was read back shut. `cause` says why, `refunds` what is given back.', session],
  'gateway.up': ['A portal answers.', '`gateway`, and an empty `detail`.'],
  'gateway.down': ['A portal does not answer any more.', '`gateway`, and `detail` with the reason.'],
  'sink.up': [
    'A server that is reported to answers: accounting of the section `radius`, the broker of `mqtt`.',
    '`sink`, and an empty `detail`.',
  ],
  'sink.down': ['It does not answer any more.', '`sink`, and `detail` with the reason.'],
  'authorizer.up': ['A server that decides on logins answers.', '`authorizer`, and an empty `detail`.'],
  'authorizer.down': ['It does not answer any more.', '`authorizer`, and `detail` with the reason.'],
  'payment.up': [
    'Everybody whom a way to pay needs answers: facilitator and node of the section `escrow`.',
    '`payment`, and an empty `detail`.',
  ],
  'payment.down': ['Somebody whom it needs does not answer.', '`payment`, and `detail` with the reason.'],
};

/** Told as a notification only, and not as an event. */
export const heartbeat = [
  'heartbeat',
  'Every `heartbeat` (20 s), so that a silent subscription is known to live.',
  'Nothing.',
];
