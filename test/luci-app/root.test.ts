// What LuCI does where the daemon may not write other programs' settings: option drop_root.
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setup } from '../../src/api/setup.js';
import { evaluate } from './evaluate.js';
import { app } from './source.js';

type Reply = Readonly<Record<string, unknown>>;

/** The calls of LuCI, with these answers of the daemon, and of rpcd in its place. */
function asked(ofDaemon: Reply, ofRoot: Reply) {
  const objects: string[] = [];
  const rpc = {
    declare:
      ({ object }: { object: string }) =>
      (...args: unknown[]) => {
        objects.push(`${object} ${args[0]}`);
        return Promise.resolve(object === 'turnpike' ? ofDaemon : ofRoot);
      },
  };
  const { call } = evaluate('turnpike/api.js', { rpc }) as {
    call: { setup(args: Reply): Promise<Reply> };
  };
  return { objects, setup: () => call.setup({ target: 'nftables' }) };
}

const refused = (code: string) => ({ error: { code, message: 'why' } });

test('rpcd sets up what the daemon may not, and nothing else', async () => {
  const without = asked(refused('needs_root'), { done: true });
  assert.equal(await without.setup(), { done: true });
  assert.equal(without.objects, ['turnpike nftables', 'turnpike-root nftables']);
  const other = asked(refused('setup_impossible'), { done: true });
  assert.is(await other.setup().catch(({ code }) => code), 'setup_impossible');
  assert.equal(other.objects, ['turnpike nftables']);
});

test('rpcd is told of the same arguments as ubus', () => {
  const file = `${app}/root/usr/libexec/rpcd/turnpike-root`;
  const { stdout } = spawnSync(file, ['list'], { encoding: 'utf8' });
  const types = { '': 'string', true: 'boolean' } as Record<string, string>;
  const told = Object.entries(JSON.parse(stdout).setup).map(([name, one]) => [name, types[String(one)]]);
  assert.equal(Object.fromEntries(told), setup.setup!.args);
  assert.is(spawnSync(file, ['call', 'reboot'], { encoding: 'utf8' }).stdout, '');
});

test.run();
