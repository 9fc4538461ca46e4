import type { Fault } from './server.js';

/** Replies that say nothing, or the wrong thing; with `carriedOut`, after all was done. */
export const garbled: Record<string, Fault> = {
  'the request is lost': 'there',
  'the reply is lost': 'back',
  '500 with a body': { status: 500, text: '{"error":"no"}' },
  '500 with a body, after it was done': { status: 500, text: '{"error":"no"}', carriedOut: true },
  '502 of a proxy': { status: 502, text: '<html>bad gateway</html>', carriedOut: true },
  '409': { status: 409, text: '{"error":"busy"}', carriedOut: true },
  '409 in the words of the API': {
    status: 409,
    text: '{"success":false,"errorReason":"settlement_pending","transaction":""}',
    carriedOut: true,
  },
  '401': { status: 401, text: '{"error":"who are you"}' },
  '200 without a transaction': {
    status: 200,
    text: '{"success":true,"network":"eip155:31337","transaction":""}',
    carriedOut: true,
  },
  '200 of another network': {
    status: 200,
    text: `{"success":true,"network":"eip155:1","transaction":"0x${'1'.repeat(64)}"}`,
  },
  '200 with a transaction that is not there': {
    status: 200,
    text: `{"success":true,"network":"eip155:31337","transaction":"0x${'1'.repeat(64)}"}`,
  },
  'an empty reply': { status: 200, text: '', carriedOut: true },
  'truncated JSON': { status: 200, text: '{"success":true,"transac', carriedOut: true },
  'an endless reply': { status: 200, text: 'x'.repeat(400_000), carriedOut: true },
  'a redirect': { status: 302, text: '', headers: { location: 'http://127.0.0.1:9/' } },
  'a no that lies about what was sent': {
    status: 200,
    text: '{"success":false,"errorReason":"invalid_exact_evm_transaction_failed","transaction":""}',
    carriedOut: true,
  },
};
