import type { Table } from 'openwrt-ubus';
import { answerOf, busOptions, type Call, json, withDaemon } from './bus.js';
import { command } from './command.js';
import { print } from './output.js';

export const sessions = command({
  name: 'sessions',
  summary: 'lists the sessions that have not ended',
  args: [],
  options: {
    state: {
      value: 'STATE',
      default: 'live',
      says: 'pending, active, suspended, closing, expired or terminated',
    },
    gateway: { value: 'NAME', says: 'those of one gateway' },
    ...busOptions,
  },
  details: `
Prints all of them as one JSON object: {"sessions":[...]}.

  turnpike sessions | jsonfilter -e '@.sessions[*].mac'`,
  async run({ options }) {
    const { state, gateway } = options;
    const filter = { state, ...(gateway !== undefined && { gateway }) };
    const all = await withDaemon(options, (call) => listAll(call, 'sessions', filter));
    await print(listOf('sessions', all));
    return 0;
  },
});

/** Asks for page after page of a list, until there are no more. @throws {@link CommandError} `failed` */
export async function listAll(call: Call, method: string, filter: Table): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let page: Table = {}, after: Table = {}; ; after = { after: page.next! }) {
    page = answerOf(await call(method, { ...filter, ...after }));
    all.push(...(page[method] as unknown[]));
    if (page.next === undefined) return all;
  }
}

/** A JSON object with one list, entry by entry: 10,000 of them in one text would take the memory of a router. */
function* listOf(name: string, entries: readonly unknown[]): Generator<string> {
  yield `{\n\t${JSON.stringify(name)}: [`;
  for (const [i, entry] of entries.entries()) {
    const text = json(entry).replaceAll('\n', '\n\t\t');
    yield `${i === 0 ? '' : ','}\n\t\t${text}`;
  }
  yield `${entries.length === 0 ? '' : '\n\t'}]\n}\n`;
}
