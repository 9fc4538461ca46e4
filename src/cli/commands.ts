import { call } from './call.js';
import { cashu } from './cashu.js';
import { check } from './check.js';
import { close } from './close.js';
import { collect } from './collect.js';
import type { Command } from './command.js';
import { demo } from './demo.js';
import { facilitator } from './facilitator.js';
import { grant } from './grant.js';
import { hub } from './hub.js';
import { leave } from './leave.js';
import { list } from './list.js';
import { run } from './run.js';
import { sessions } from './sessions.js';
import { setup } from './setup.js';

/** Everything that turnpike can be told to do, but `help` and `version`, in the order of the help. */
export const commands: readonly Command[] = [
  run,
  check,
  setup,
  leave,
  sessions,
  grant,
  close,
  cashu,
  call,
  list,
  demo,
  collect,
  hub,
  facilitator,
];
