import { parseMac } from '../domain/mac.js';
import { answerOf, busOptions, json, withDaemon } from './bus.js';
import { command, usage } from './command.js';
import { print } from './output.js';

export const close = command({
  name: 'close',
  summary: "ends a session and shuts its device's gate",
  args: ['ID|MAC'],
  options: busOptions,
  details: `
Prints the session with its refund, as JSON.

  turnpike close 02:00:00:00:00:01`,
  async run({ args: [name = ''], options }) {
    const session = nameOf(name);
    const closed = answerOf(await withDaemon(options, (call) => call('close', session)));
    await print(`${json(closed)}\n`);
    return 0;
  },
});

/** Ids have neither colons nor dashes. */
function nameOf(name: string): { mac: string } | { id: string } {
  if (!/[:-]/.test(name)) return { id: name };
  const mac = parseMac(name);
  if (mac) return { mac };
  throw usage(`MAC must be that of a device, such as 02:00:00:00:00:01, and not '${name}'`);
}
