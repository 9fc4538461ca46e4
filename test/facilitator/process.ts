// The facilitator as a process of its own, from the bundle.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scene } from '../contracts/scene.js';
import { inTime, witnesses } from '../rig/until.js';
import { gasKeys, network, post, type Reply } from './shop.js';

const bundle = join(process.cwd(), 'dist', 'turnpike.mjs');

export class FacilitatorProcess {
  readonly #directory = mkdtempSync(join(tmpdir(), 'turnpike-'));
  #child: ChildProcess | undefined;
  #url = '';
  #log = '';
  readonly #seenLog = () => this.#log;

  /** @param rpc where its node is */
  constructor(scene: Scene, rpc: string) {
    const config = {
      listen: { port: 0 },
      directory: join(this.#directory, 'state'),
      rateLimit: { max: 1_000_000, windowMs: 60_000 },
      networks: {
        [network]: {
          rpc,
          escrow: scene.escrow.address,
          tokens: { [scene.token.address]: { decimals: 6 } },
          sellers: [scene.seller.address],
          signers: [{ env: 'GAS_KEY' }],
          confirmations: 1,
          pollMs: 20,
        },
      },
    };
    writeFileSync(join(this.#directory, 'config.json'), JSON.stringify(config));
  }

  async start(): Promise<void> {
    const args = [bundle, 'facilitator', '--config', join(this.#directory, 'config.json')];
    this.#child = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, GAS_KEY: gasKeys[0] },
    });
    const began = this.#log.length;
    const up = new Promise<string>((resolve, reject) => {
      this.#child!.stderr!.on('data', (chunk) => {
        this.#log += chunk;
        const url = /the facilitator is up: (\S+)/.exec(this.#log.slice(began))?.[1];
        if (url) resolve(url);
      });
      this.#child!.once('exit', (code) => reject(new Error(`it ended with ${code}: ${this.#log}`)));
    });
    witnesses.add(this.#seenLog);
    this.#url = await inTime('the facilitator', up);
  }

  /** Where it listens; another port after each start. */
  get url(): string {
    return this.#url;
  }

  /** @returns undefined when the process ended before it replied */
  async post(path: string, body: unknown): Promise<Reply | undefined> {
    return post(this.#url + path, body).catch(() => undefined);
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child!.once('exit', resolve));
    this.#child.kill(signal);
    await ended;
  }

  log(): string {
    return this.#log;
  }

  async close(): Promise<void> {
    witnesses.delete(this.#seenLog);
    await this.end('SIGTERM');
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
