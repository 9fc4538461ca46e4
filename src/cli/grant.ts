import { randomUUID } from 'node:crypto';
import type { Table } from '../../packages/ubus/src/value.js';
import { parseBytes, parseSpan } from '../config/quantity.js';
import { parseMac } from '../domain/mac.js';
import { answerOf, busOptions, json, withDaemon } from './bus.js';
import { command, usage } from './command.js';
import { print } from './output.js';

export const grant = command({
  name: 'grant',
  summary: 'gives data or time away',
  args: ['MAC', 'AMOUNT', 'REASON...'],
  options: busOptions,
  details: `
AMOUNT is a size (500MB; a number alone is bytes) or a time (30min). REASON is for the books. Prints the session.

  turnpike grant 02:00:00:00:00:01 500MB the film stopped`,
  async run({ args: [mac = '', amount = '', ...reason], options }) {
    const address = parseMac(mac);
    if (!address) throw usage(`MAC must be that of a device, such as 02:00:00:00:00:01, and not '${mac}'`);
    const key = { idempotency_key: `cli-${randomUUID()}` };
    const order = { mac: address, ...allotmentOf(amount), reason: reason.join(' '), ...key };
    const session = answerOf(await withDaemon(options, (call) => call('grant', order)));
    await print(`${json(session)}\n`);
    return 0;
  },
});

function allotmentOf(amount: string): Table {
  const bytes = parseBytes(amount);
  if (bytes !== undefined && bytes > 0) return { bytes };
  const millis = parseSpan(amount);
  if (millis !== undefined && millis > 0 && millis % 1000 === 0) return { seconds: millis / 1000 };
  throw usage(`AMOUNT must be a size such as 500MB, or a time such as 30min, and not '${amount}'`);
}
