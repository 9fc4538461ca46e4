// The package's door: a client of ubus.
export { type CallOptions, type PublishedObject, type Stop, UbusClient } from './client.js';
export { type UbusCode, UbusError, type UbusErrorOptions, type UbusOrigin } from './error.js';
export type { OnEvent } from './events.js';
export type { ListedObject } from './lookup.js';
export type { Caller, ObjectMethod, ObjectOptions } from './object.js';
export type { UbusOptions } from './options.js';
export type { ArgumentType, Signature } from './signature.js';
export type { OnNotify } from './subscription.js';
export type { Table, Value } from './value.js';
