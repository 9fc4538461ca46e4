import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mnemonicToAccount } from 'viem/accounts';
import { toHex } from 'viem/utils';
import { httpRpc, type Rpc } from '../../src/payments/wallet/rpc.js';
import type { Hex } from '../../src/payments/wallet/typed-data.js';

/** That of every chain here. */
export const chainId = 31337;
/** After this many milliseconds a chain that does not listen yet is given up. */
const startLimitMs = 20_000;
/** Accounts of a chain. They have gas, and are unlocked: transactions from them need no signature. */
const accountCount = 8;

function findAnvil(): string | undefined {
  try {
    const { resolve } = createRequire(import.meta.url);
    const folder = dirname(resolve(`@foundry-rs/anvil-${process.platform}-amd64/package.json`));
    const file = join(folder, 'bin', 'anvil');
    return spawnSync(file, ['--version']).status === 0 ? file : undefined;
  } catch {
    return undefined;
  }
}

/** The program, or undefined where it is not installed or cannot run: `npm ci` brings it for Linux on x86-64. */
export const anvilFile = findAnvil();

/**
 * The key of an account, the same on every chain here: everybody knows it.
 * @param index 0 to 7
 */
export function keyOf(index: number): Hex {
  const account = mnemonicToAccount(`${'test '.repeat(11)}junk`, { addressIndex: index });
  return toHex(account.getHdKey().privateKey!);
}

/** A chain: anvil as a child process on the loopback. It mines each transaction at once. */
export class Anvil {
  readonly rpc: Rpc;
  readonly url: string;
  #child: ChildProcess;
  readonly #args: readonly string[];
  /** What the program keeps on the disk while it runs. */
  readonly #folder: string;

  private constructor(child: ChildProcess, port: number, args: readonly string[], folder: string) {
    this.#child = child;
    this.#args = args;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.rpc = httpRpc(this.url, 10_000);
  }

  /** Starts one with fresh accounts that have plenty of gas. `args`: more of the program's arguments. */
  static async start(...args: string[]): Promise<Anvil> {
    const folder = mkdtempSync(join(tmpdir(), 'turnpike-anvil-'));
    try {
      const { child, port } = await spawnAnvil(0, folder, args);
      return new Anvil(child, port, args, folder);
    } catch (cause) {
      rmSync(folder, { recursive: true, force: true });
      throw cause;
    }
  }

  /** Starts it again at the same port after {@link stop}; its state is kept when `--state FILE` was given. */
  async startAgain(): Promise<void> {
    this.#child = (await spawnAnvil(Number(new URL(this.url).port), this.#folder, this.#args)).child;
  }

  accounts(): Promise<`0x${string}`[]> {
    return this.rpc('eth_accounts');
  }

  /** Seconds of the newest block. */
  async now(): Promise<bigint> {
    const { timestamp } = await this.rpc<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false]);
    return BigInt(timestamp);
  }

  /** Lets time pass on the chain, and mines a block. */
  async pass(seconds: number): Promise<void> {
    await this.rpc('evm_increaseTime', [seconds]);
    await this.rpc('evm_mine');
  }

  async mine(blocks = 1): Promise<void> {
    await this.rpc('anvil_mine', [`0x${blocks.toString(16)}`]);
  }

  /** @returns a function that takes everything back to now; it can be used once. */
  async snapshot(): Promise<() => Promise<void>> {
    const id = await this.rpc<string>('evm_snapshot');
    return async () => {
      await this.rpc('evm_revert', [id]);
    };
  }

  /** Stops it where it is: connections stay open and are not answered. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.thaw();
    this.#child.kill('SIGTERM');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function spawnAnvil(
  port: number,
  folder: string,
  args: readonly string[],
): Promise<{ child: ChildProcess; port: number }> {
  const own = ['--port', String(port), '--accounts', String(accountCount), '--cache-path', folder];
  const child = spawn(anvilFile!, [...own, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => child.kill('SIGKILL'), startLimitMs);
    child.stdout!.on('data', (chunk) => {
      said += chunk;
      const match = /Listening on 127\.0\.0\.1:(\d+)/.exec(said);
      if (!match) return;
      clearTimeout(late);
      child.stdout!.removeAllListeners('data').resume();
      resolve({ child, port: Number(match[1]) });
    });
    child.stderr!.resume();
    child.once('exit', (code) => reject(new Error(`anvil ended with ${code}: ${said}`)));
  });
}
