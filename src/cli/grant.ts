import { randomUUID } from 'node:crypto';
import type { Table } from 'openwrt-ubus';
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
    const order = { mac: address, ...allotmentOf(amount, reason[0]), reason: reason.join(' '), ...key };
    const session = answerOf(await withDaemon(options, (call) => call('grant', order)));
    await print(`${json(session)}\n`);
    return 0;
  },
});

/** `next` is the word behind it: its unit, when there was a space in between. */
function allotmentOf(amount: string, next = ''): Table {
  const quantity = quantityOf(amount);
  if (!quantity)
    throw usage(`AMOUNT must be a size such as 500MB, or a time such as 30min, and not '${amount}'`);
  const isNumber = /^\d+$/.test(amount) && /^[a-z]+$/i.test(next);
  if (isNumber && quantityOf(amount + next)) throw usage(`AMOUNT must be one word: ${amount}${next}`);
  return quantity;
}

function quantityOf(amount: string): Table | undefined {
  const bytes = parseBytes(amount);
  if (bytes !== undefined) return bytes > 0 ? { bytes } : undefined;
  const millis = parseSpan(amount);
  const isSeconds = millis !== undefined && millis > 0 && millis % 1000 === 0;
  return isSeconds ? { seconds: millis / 1000 } : undefined;
}
