import { existsSync } from 'node:fs';
import type { View } from '../api/view.js';
import { systemClock } from '../clock.js';
import { BelievedClock } from '../engine/believed-clock.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';

/** There from when ntpd knows the time until the router is switched off: `files/etc/hotplug.d/ntp`. */
const toldFile = '/var/run/turnpike-clock';

/** The clock of a daemon whose newest record was written at `newest`: wall clock, ms since 1970. */
export function clockFrom(newest: number, log: Log): Clock {
  const clock = new BelievedClock({ clock: systemClock, newest, isTold: () => existsSync(toldFile) });
  const shows = new Date(systemClock.wall()).toISOString();
  if (clock.state === 'behind') {
    const from = new Date(newest).toISOString();
    log(
      'warn',
      `clock: it shows ${shows}, before the newest record: time goes on from ${from} until it is set`,
    );
  } else if (clock.state === 'unset') {
    log('warn', `clock: it shows ${shows}, and nobody has set it: vouchers with an end wait for the time`);
  }
  return clock;
}

/** The clock as `status` shows it. */
export function clockView(clock: Clock): View {
  return { state: clock.state ?? 'set', time: Math.floor(clock.wall() / 1000) };
}
