// The package's door: a client of ubus.
export { type ListedObject, type PublishedObject, UbusClient, type UbusOptions } from './client.js';
export { type StatusName, UbusError } from './error.js';
export type { OnEvent } from './events.js';
export type { ArgumentType, Caller, ObjectMethod, ObjectOptions } from './object.js';
export type { Table, Value } from './value.js';
