// turnpike setup: it shows before it does, and says in one line what does not work.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openRouter, type Router } from '../setup/router.js';
import { shell, turnpike } from './turnpike.js';

const test = suite<{ router: Router }>('setup from a shell');
const before = "config opennds\n\toption sessiontimeout '20'\n";

test.before.each((c) => {
  c.router = openRouter('opennds', before);
});
test.after.each((c) => c.router.remove());

const setup = ({ config, uci }: Router, ...more: string[]) =>
  turnpike('setup', 'opennds', '--config', config, '--uci', uci, ...more);

test('without --yes it prints the changes and makes none', async ({ router }) => {
  const { status, out, err } = await setup(router);
  assert.equal([status, err], [0, '']);
  assert.match(out, "opennds.@opennds[0].sessiontimeout: '20' -> '525600'\n");
  assert.match(out, 'opennds.@opennds[0].fasport: not set -> ');
  assert.match(out, /nothing is changed yet: --yes does it\n$/);
  assert.is(router.text('opennds'), before);
});

test('with --yes it does it, check is content, and --undo --yes puts back what was there', async ({
  router,
}) => {
  const hint = await turnpike('check', '--config', router.config);
  assert.match(hint.out, /^setup opennds: not set are .*see 'turnpike setup opennds'$/m);
  const done = await setup(router, '--yes', '--port', '2085');
  assert.is(done.status, 0, done.err);
  assert.match(done.out, /changes made\nthis puts it into effect: \/etc\/init\.d\/opennds restart; /);
  assert.match(router.text('opennds'), "fasport '2085'");
  const { out } = await turnpike('check', '--config', router.config);
  assert.not.match(out, 'not set');
  const shown = await setup(router, '--undo');
  assert.match(shown.out, '--undo --yes puts back');
  const undone = await setup(router, '--undo', '--yes');
  assert.is(undone.status, 0, undone.err);
  assert.is(router.text('opennds'), before);
});

test('it is put into effect although nothing is left to change', async ({ router }) => {
  assert.is((await setup(router, '--yes')).status, 0);
  const { out, err } = await setup(router, '--yes', '--restart');
  assert.match(out, 'everything is set up as it is to be');
  assert.match(out + err, /\/etc\/init\.d\/opennds( restart)?: /);
});

test('what is wrong is said in one line', async ({ router }) => {
  const lines = await Promise.all([
    turnpike('setup', 'wifidog'),
    setup(router, '--port', '80'),
    setup(router, '--undo', '--yes'),
    turnpike('setup', 'nodogsplash', '--config', router.config),
    turnpike('setup', 'opennds', '--config', router.config, '--uci', '/none/uci'),
  ]);
  assert.equal(
    lines.map(({ status, err }) => [status, err.replaceAll(router.config, 'FILE')]),
    [
      [
        2,
        "turnpike setup: TARGET must be one of opennds, nodogsplash, nftables, announce, offload, and not 'wifidog'; see 'turnpike help setup'\n",
      ],
      [
        2,
        "turnpike setup: PORT must be 1 to 65535 and not 80, which portals keep to themselves, and not '80'; see 'turnpike help setup'\n",
      ],
      [1, 'turnpike setup: turnpike has not set up opennds, or that is undone\n'],
      [1, 'turnpike setup: FILE has no gateway of type nodogsplash that is switched on\n'],
      [
        1,
        "turnpike setup: /none/uci cannot be started (no such file or directory): options are set by OpenWrt's uci\n",
      ],
    ],
  );
});

test('for rpcd it answers as the ubus method does, and reloads by the init script', async ({ router }) => {
  const ask = async (args: object) => {
    const told = `turnpike setup --json --config '${router.config}' --uci '${router.uci}'`;
    const { status, out, err } = await shell(`echo '${JSON.stringify(args)}' | ${told}`);
    assert.is(status, 0, err);
    return JSON.parse(out);
  };
  const shown = await ask({ target: 'opennds' });
  assert.is(shown.done, false);
  assert.ok(shown.changes.length > 0);
  assert.is(router.text('opennds'), before);
  assert.is((await ask({ target: 'opennds', apply: 'x' })).error.code, 'bad_argument');
  assert.is((await ask({ target: 'wifidog' })).error.code, 'bad_argument');
  const { error } = await ask({ target: 'opennds', apply: true });
  // There is no init script here.
  assert.match(JSON.stringify(error), '/etc/init.d/turnpike');
  assert.match(router.text('opennds'), 'fasport');
});

test.run();
