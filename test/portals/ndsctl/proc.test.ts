// What is seen of the connections to a simulated portal, also while its process has no processor.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../../packages/simulators/portal.js';
import { readBacklog } from '../../../src/portals/ndsctl/proc.js';
import { opennds } from '../../../src/portals/opennds/dialect.js';
import { until } from '../../rig/until.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const path = join(dir, 'nds.sock');
const portal = new SimulatedPortal(opennds, path);

test.before(async () => {
  portal.server.proc = join(dir, 'proc');
  process.env.TURNPIKE_PROC = `${portal.server.proc}:/proc`;
  await portal.start();
});

test.after(async () => {
  await portal.stop();
  delete process.env.TURNPIKE_PROC;
  rmSync(dir, { recursive: true });
});

test('a connection waits from the moment that it is made, once, whether or not the portal has seen it', async () => {
  portal.server.wedge();
  assert.equal(readBacklog(path), { waiting: 1, accepted: 0 });
  // This process, which is the portal, stands still until the other one has ended: the connection outlives it.
  const program = `require('node:net').connect(${JSON.stringify(path)}, () => process.exit())`;
  assert.is(spawnSync(process.execPath, ['-e', program]).status, 0);
  assert.equal(readBacklog(path), { waiting: 2, accepted: 0 });
  await until('seen', () => portal.server.connections === 1);
  assert.equal(readBacklog(path), { waiting: 1, accepted: 0 }, 'the oldest was accepted, and is gone');
});

test.run();
