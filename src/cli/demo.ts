import { besides, load, workerFile } from './besides.js';
import { command } from './command.js';

/** The demo as its own file offers it; nothing of it is in the router's package. */
interface Demo {
  demo(given: Readonly<Record<string, string | boolean | undefined>>, worker: URL): Promise<number>;
}

export const demo = command({
  name: 'demo',
  summary: 'shows it at work with a simulated portal and customers',
  args: [],
  options: {
    seconds: { value: 'N', says: 'ends after so long, 1 to 86400; without it at Ctrl-C' },
    clients: { value: 'N', says: 'customers, 1 to 5000; 12 without it' },
    dialect: { value: 'NAME', says: 'of the portal: opennds or nodogsplash; opennds without it' },
    escrow: { says: 'a wallet pays, uses a part, gets the rest back; goes with --json only' },
    json: { says: 'prints one line of figures at the end and nothing else' },
  },
  async run({ options }) {
    const program = await load<Demo>('demo', besides('demo.mjs', '../../packages/demo/main.js'));
    return program.demo(options, workerFile());
  },
});
