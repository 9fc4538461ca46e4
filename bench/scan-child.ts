// Helper: compares scanner and ledger with JSON.parse for one size.

import { nodogsplash } from '../src/portals/nodogsplash/dialect.js';
import { opennds } from '../src/portals/opennds/dialect.js';
import { serve } from './child.js';
import { compareScan } from './scan.js';

interface Asked {
  readonly dialect: string;
  readonly clients: number;
  readonly quick: boolean;
}

serve(({ dialect, clients, quick }: Asked) =>
  compareScan(dialect === 'opennds' ? opennds : nodogsplash, clients, quick),
);
