import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import type { Room } from './room.js';

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A browser on a customer's device. */
export interface Phone {
  readonly browser: Browser;
  close(): Promise<void>;
}

/** Starts Chromium in the network of a room. */
export async function phoneIn(room: Room): Promise<Phone> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const executablePath = join(dir, 'chromium');
  const program = process.env.CHROMIUM ?? '/usr/bin/chromium';
  writeFileSync(executablePath, `#!/bin/sh\nexec nsenter --target ${room.pid} --net -- ${program} "$@"\n`);
  chmodSync(executablePath, 0o755);
  const browser = await chromium.launch({ executablePath, args: [...flags, ...quiet] });
  return {
    browser,
    async close() {
      await browser.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
