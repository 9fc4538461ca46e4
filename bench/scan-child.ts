// Helper: compares scanner and ledger with JSON.parse for one size.

import { dialectNamed } from '../packages/simulators/dialects/registry.js';
import type { Dialect } from '../src/domain/dialect.js';
import { serve } from './child.js';
import { compareScan } from './scan.js';

interface Asked {
  readonly dialect: Dialect['name'];
  readonly clients: number;
  readonly quick: boolean;
}

serve(({ dialect, clients, quick }: Asked) => compareScan(dialectNamed(dialect)!.dialect, clients, quick));
