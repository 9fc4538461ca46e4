/** A section of the shop that the shipped file opens with. */
export interface Given {
  readonly type: string;
  readonly name: string;
  /** What is said in front of it. A section that explains all its options is introduced by its table. */
  readonly note?: string;
  /** What it sets, by the names of options in the file. */
  readonly set: Readonly<Record<string, string | readonly string[]>>;
}

/** A café that sells data and time for cash, on openNDS: it works as it is, but for the prices. */
export const shop: readonly Given[] = [
  { type: 'turnpike', name: 'main', set: { enabled: '1', drop_root: '1' } },
  { type: 'gateway', name: 'lan', set: { enabled: '1', type: 'opennds' } },
  {
    type: 'plan',
    name: 'data',
    set: {
      ...{ title: 'Data, 10 MB a step', metric: 'bytes', step: '10 MB' },
      ...{ price: ['0.05 USD'], max_steps: '1000' },
    },
  },
  {
    type: 'plan',
    name: 'hour',
    note: 'By the hour. Time stands still while the customer is away.',
    set: {
      ...{ title: 'One hour', metric: 'time', step: '1h' },
      ...{ price: ['0.50 USD'], max_steps: '24', pause_away: '1' },
    },
  },
  {
    type: 'plan',
    name: 'day',
    note: 'A fixed package: one step, no more. It ends after a day or 1 GB, whichever comes first.',
    set: {
      ...{ title: 'One day or 1 GB', metric: 'time', step: '1d' },
      ...{ price: ['2.00 USD'], max_steps: '1', bytes: '1 GB', up_rate: '5 Mbit', down_rate: '20 Mbit' },
    },
  },
  { type: 'method', name: 'cash', set: { enabled: '1', currency: ['USD 2'] } },
];
