import { mqttReports } from './mqtt/member.js';
import { radiusAccounting } from './radius/member.js';

/** Who hears from the journal, by the name of their outbox: never another one for the same sink. */
export const sinks = { radius: radiusAccounting, mqtt: mqttReports };
