import type { Table } from 'openwrt-ubus';
import { busOptions, json, withDaemon } from './bus.js';
import { command, usage } from './command.js';
import { print } from './output.js';

export const call = command({
  name: 'call',
  summary: 'calls a method of the daemon, as "ubus call turnpike" does',
  args: ['METHOD', '[ARGUMENTS]'],
  options: busOptions,
  details: `
ARGUMENTS are a JSON object. The answer is printed as JSON; the exit code is 1 for an error in it.

  turnpike call status
  turnpike call session '{"mac":"02:00:00:00:00:01"}'`,
  async run({ args: [method, text = '{}'], options }) {
    const table = tableOf(text);
    const reply = await withDaemon(options, (ask) => ask(method!, table));
    await print(`${json(reply)}\n`);
    return 'error' in reply ? 1 : 0;
  },
});

/** The arguments of a call. @throws {@link CommandError} they are none */
export function tableOf(text: string): Table {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw usage(`ARGUMENTS are no JSON: ${(cause as Error).message}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Table;
  throw usage(`ARGUMENTS must be a JSON object, such as '{"mac":"02:00:00:00:00:01"}'`);
}
