import { open } from 'node:fs/promises';
import type { Table } from 'openwrt-ubus';
import { answerOf, busOptions, type Call, withDaemon } from './bus.js';
import { command, usage } from './command.js';
import { print } from './output.js';

export const cashu = command({
  name: 'cashu',
  summary: 'takes the money out that customers paid with Cashu tokens',
  args: ['export'],
  options: {
    ...busOptions,
    output: {
      value: 'FILE',
      says: 'writes to the end of this file, for its owner alone, and not to standard output',
    },
  },
  details: `
Prints a line for each token: mint, amount, currency, token. A token is gone from turnpike when its line is written:
whoever has the line has the money. Receive it in a wallet.

  turnpike cashu export --output /tmp/earned.csv`,
  async run({ args: [act], options }) {
    if (act !== 'export') throw usage(`the first argument must be export, and not '${act}'`);
    const { output } = options;
    const count = await withDaemon(options, (call) =>
      output === undefined ? takeOut(call, print) : intoFile(output, (write) => takeOut(call, write)),
    );
    if (output !== undefined) await print(`${count} tokens were written to ${output}\n`);
    return 0;
  },
});

/** @param write resolves when the line is safe. @returns how many tokens were written */
async function takeOut(call: Call, write: (line: string) => Promise<unknown>): Promise<number> {
  let written: Table = {};
  for (let count = 0; ; count++) {
    const { id, mint, amount, currency, token } = answerOf(await call('cashu_export', written));
    if (token === undefined) return count;
    await write(`${mint},${amount},${currency},${token}\n`);
    written = { written: id };
  }
}

async function intoFile<T>(
  name: string,
  work: (write: (line: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  const file = await open(name, 'a', 0o600);
  try {
    return await work(async (line) => {
      await file.appendFile(line);
      await file.sync();
    });
  } finally {
    await file.close();
  }
}
