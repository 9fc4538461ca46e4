import type { Dialect } from '../../domain/dialect.js';

/** openNDS counts in KiB, and zeroes its counters when it lets a client in, at a new `session_start`. */
export const opennds: Dialect = {
  name: 'opennds',
  bytesPerUnit: 1024,
  keys: { up: 'upload_this_session', down: 'download_this_session' },
  epoch: ['token', 'session_start'],
  // `auth_restore` of libopennds.sh lets clients in again, who count from zero (client_list.c).
  remembers: false,
};
