import type { Arguments, Signature } from './arguments.js';
import type { Service } from './service.js';
import type { View } from './view.js';

/** One method of the object: what `ubus -v list` shows of it, and what it does. */
export interface Method {
  readonly args: Signature;
  /** @throws {@link BadArgument} with a stable code; then nothing was changed. */
  run(args: Arguments, service: Service): View | Promise<View>;
}
