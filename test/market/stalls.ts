import { type Device, deviceAt } from '../../packages/simulators/device.js';

/** Who trades at the same time. */
const workers = 24;
/** Bytes of a step, which costs a cent. */
export const stepSize = 64_000;
export const users = ['ada', 'bob', 'eve', 'mia', 'tom'];

/** A device and the plan that is bought for it. */
export interface Stall extends Device {
  readonly plan: 'bytes' | 'time';
}

export const stalls: readonly Stall[] = Array.from({ length: workers }, (_, n) => ({
  ...deviceAt(n),
  plan: n % 6 === 5 ? 'time' : 'bytes',
}));

/** The configuration of the shop. */
export const sections = (socket: string) => `
config gateway 'lan'
	option type 'opennds'
	option socket '${socket}'
	option poll_min '50ms'
	option poll_max '250ms'
	option poll_share '90'
config plan 'bytes'
	option metric 'bytes'
	option step '${stepSize}'
	list price '0.01 USD'
config plan 'time'
	option metric 'time'
	option step '60s'
	list price '0.01 USD'
config method 'cash'
	list currency 'USD 2'
`;
