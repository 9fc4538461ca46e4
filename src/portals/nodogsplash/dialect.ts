import type { Dialect } from '../../domain/dialect.js';

/** nodogsplash counts in kB, and zeroes its counters when it shuts a client out, with a new `token`. */
export const nodogsplash: Dialect = {
  name: 'nodogsplash',
  bytesPerUnit: 1000,
  keys: { up: 'uploaded', down: 'downloaded' },
  epoch: ['token'],
  // state_file.c
  remembers: true,
};
