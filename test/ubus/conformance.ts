// What any ubusd must do with our client: run against the embedded broker, and against a real ubusd where there is one.
import type { suite } from 'uvu';
import { calls } from './conformance/calls.js';
import { connection } from './conformance/connection.js';
import { notifications } from './conformance/notifications.js';
import { objects } from './conformance/objects.js';
import type { Context } from './rig.js';

/** Puts the suite's tests on `test`. */
export function conform(test: ReturnType<typeof suite<Context>>): void {
  for (const part of [calls, objects, notifications, connection]) part(test);
}
