import { mqttCommands } from './mqtt/member.js';
import { dynamicAuthorization } from './radius/member.js';

/** Who may give orders about sessions. ubus is always there, and publishes the same commands by itself. */
export const orderSources = { radius: dynamicAuthorization, mqtt: mqttCommands };
