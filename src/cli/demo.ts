import { besides, load, workerFile } from './besides.js';
import { command } from './command.js';
import { loadFacilitator } from './facilitator.js';

/** What the demo's files offer; nothing of it is imported here, not even a type. */
interface DemoProgram {
  runDemo(options: {
    readonly clients: string;
    readonly dialect: string;
    readonly seconds?: string;
    readonly json: boolean;
    readonly worker: URL;
  }): Promise<number>;
}
interface DepositDemoProgram {
  runEscrowDemo(options: {
    readonly json: boolean;
    readonly worker: URL;
    readonly runFacilitator: Awaited<ReturnType<typeof loadFacilitator>>['runFacilitator'];
  }): Promise<number>;
}

export const demo = command({
  name: 'demo',
  summary: 'shows it at work with a simulated portal and customers',
  args: [],
  options: {
    seconds: { value: 'N', says: 'ends after so long, 1 to 86400; without it at Ctrl-C' },
    clients: { value: 'N', default: '12', says: 'customers, 1 to 5000' },
    dialect: { value: 'NAME', default: 'opennds', says: 'of the portal: opennds or nodogsplash' },
    escrow: { says: 'a wallet pays, uses a part, gets the rest back; in a checkout only' },
    json: { says: 'prints one line of figures at the end and nothing else' },
  },
  async run({ options }) {
    // A demo that nobody watches any more ends in order; one that is still starting, with a later line.
    process.stdout.on('error', () => {
      if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM');
    });
    if (options.escrow) return runDepositDemo(options.json);
    const file = besides('demo.mjs', '../../packages/demo/demo.js');
    const { runDemo } = await load<DemoProgram>('demo', file);
    const { seconds, clients, dialect, json } = options;
    return runDemo({
      clients,
      dialect,
      json,
      worker: workerFile(),
      ...(seconds !== undefined && { seconds }),
    });
  },
});

/** The demo with a chain: it needs what `npm ci` puts beside the build. */
async function runDepositDemo(json: boolean): Promise<number> {
  const file = besides('deposit-demo.mjs', '../../packages/demo/deposit.js');
  const { runEscrowDemo } = await load<DepositDemoProgram>('demo', file);
  const { runFacilitator } = await loadFacilitator();
  return runEscrowDemo({ json, worker: workerFile(), runFacilitator });
}
