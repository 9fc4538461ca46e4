// The user that the daemon runs as, with stand-ins for what OpenWrt brings.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

process.umask(0o022);
const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const root = join(dir, 'root');
const bin = join(dir, 'bin');
const log = join(dir, 'log');
const state = join(root, 'etc/turnpike/state');
test.after(() => rmSync(dir, { recursive: true }));

/** A program that notes what it is called with. */
function program(file: string, ...lines: string[]): void {
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(file, 0o755);
}

test.before.each(() => {
  for (const folder of [root, bin]) rmSync(folder, { recursive: true, force: true });
  for (const folder of ['sbin', 'lib', 'etc/config', 'etc/turnpike']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  mkdirSync(bin);
  chmodSync(join(root, 'etc/turnpike'), 0o700);
  for (const file of ['turnpike', 'turnpike_secrets']) writeFileSync(join(root, 'etc/config', file), '');
  program(join(root, 'sbin/ujail'));
  for (const name of ['chown', 'chgrp', 'logger']) program(join(bin, name), `echo "${name} $*" >>${log}`);
  program(join(bin, 'turnpike'), 'exit 0');
  program(join(bin, 'pidof'), 'exit 1');
  const said = `user_exists() { [ -e ${dir}/known ]; }
group_add_next() { echo "group $1" >>${log}; echo 32768; }
user_add() { touch ${dir}/known; echo "user $*" >>${log}; }
`;
  writeFileSync(join(root, 'lib/functions.sh'), said);
  for (const file of [log, join(dir, 'known'), join(dir, 'shown')]) rmSync(file, { force: true });
});

/** What the script says and does where the section `main` has these options. */
function asked(options: Record<string, string>): { user: string; status: number | null; did: string[] } {
  const cases = Object.entries(options).map(
    ([name, value]) => `${name.includes('.') ? name : `turnpike.main.${name}`}) echo '${value}' ;;`,
  );
  const shown = `if [ "$2" = show ]; then cat ${dir}/shown 2>/dev/null; exit; fi`;
  program(join(bin, 'uci'), shown, 'case "$3" in', ...cases, '*) exit 1 ;;', 'esac');
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const { stdout, status } = spawnSync('sh', ['files/usr/lib/turnpike/user', root], {
    env,
    encoding: 'utf8',
  });
  const did = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().replaceAll(root, '') : '';
  return { user: stdout.trimEnd(), status, did: did === '' ? [] : did.split('\n') };
}

const stays = (why: string) => ({
  user: '',
  status: 1,
  did: [`logger -t turnpike -p daemon.notice drop_root: the daemon stays root: ${why}`],
});

test('the daemon is root’s as long as nobody says otherwise, and nothing is changed', () => {
  for (const options of [{}, { drop_root: '0' }, { drop_root: 'maybe' }] as Record<string, string>[]) {
    assert.equal(asked(options), { user: '', status: 1, did: [] });
  }
  assert.not(existsSync(state));
});

test('with drop_root it is a user’s, who is made once, and has the journal and the secrets', () => {
  const given = [
    'chgrp turnpiked /etc/turnpike',
    'chown -h turnpiked:turnpiked /etc/turnpike/state',
    'chown turnpiked /etc/config/turnpike_secrets',
    'chgrp turnpiked /etc/config/turnpike',
  ];
  const made = ['group turnpiked', 'user turnpiked  32768'];
  assert.equal(asked({ drop_root: '1' }), { user: 'turnpiked', status: 0, did: [...made, ...given] });
  assert.is(statSync(state).mode & 0o777, 0o700);
  assert.is(statSync(join(root, 'etc/turnpike')).mode & 0o777, 0o710);
  rmSync(log);
  assert.equal(asked({ drop_root: 'on' }), { user: 'turnpiked', status: 0, did: given });
});

test('it is given what is in the journal, and nothing of what root would put back', () => {
  mkdirSync(state, { mode: 0o700 });
  for (const file of ['head', 'journal-1', 'setup-offload']) writeFileSync(join(state, file), '');
  const { did } = asked({ drop_root: '1' });
  const files = ['head', 'journal-1'].map((file) => `/etc/turnpike/state/${file}`);
  assert.equal(
    did.filter((line) => line.includes(' /etc/turnpike/state/')),
    [`chown -h turnpiked:turnpiked ${files.join(' ')}`],
  );
});

test('it is not given a file of another place that the daemon before has put into the journal', () => {
  mkdirSync(state, { mode: 0o700 });
  for (const file of ['head', 'a name  1 of two']) writeFileSync(join(state, file), '');
  writeFileSync(join(root, 'etc/shadow'), '');
  linkSync(join(root, 'etc/shadow'), join(state, 'a name of 1 for two'));
  mkdirSync(join(state, 'folder'));
  symlinkSync('31 1', join(state, 'lock'));
  const names = ['a name  1 of two', 'head', 'lock'].map((name) => `/etc/turnpike/state/${name}`);
  const given = asked({ drop_root: '1' }).did.filter((line) => line.includes(' /etc/turnpike/state/'));
  assert.equal(given, [`chown -h turnpiked:turnpiked ${names.join(' ')}`]);
});

test('it stays root’s where something needs root, or procd has no jail, and the log says why', () => {
  program(join(bin, 'turnpike'), 'echo "$*: gateway needs root"', 'exit 1');
  assert.equal(asked({ drop_root: '1' }), stays('check --root: gateway needs root'));
  rmSync(log);
  rmSync(join(root, 'sbin/ujail'));
  assert.equal(asked({ drop_root: '1' }), stays('there is no ujail: install procd-ujail'));
});

test('on the usual portals it stays root’s, and no runtime is started to find that out', () => {
  program(join(bin, 'turnpike'), `echo asked >>${log}`);
  const gateway = "turnpike.lan=gateway\nturnpike.lan.type='opennds'\n";
  writeFileSync(join(dir, 'shown'), gateway);
  const opennds = { drop_root: '1', 'turnpike.lan.type': 'opennds' };
  const why = "a portal's control socket is root's: opennds";
  assert.equal(asked(opennds), stays(why));
  rmSync(log);
  const { user } = asked({ ...opennds, 'turnpike.lan.enabled': '0' });
  assert.is(user, 'turnpiked', 'one that is switched off');
  writeFileSync(join(dir, 'shown'), "turnpike.lan=gateway\nturnpike.lan.type='nftables'\n");
  assert.is(asked({ drop_root: '1' }).user, 'turnpiked');
});

test('nobody is given a folder that is no journal, by a typing error in directory', () => {
  const slip = { drop_root: '1', directory: '/etc' };
  const { user, did } = asked(slip);
  assert.is(user, '');
  assert.not.match(did.join('\n'), 'chown');
  assert.match(did.join('\n'), 'others than its owner may open');
  assert.is(statSync(join(root, 'etc')).mode & 0o777, 0o755);
});

test('it stays root’s where the user could not reach the journal', () => {
  mkdirSync(join(root, 'mnt/private'), { recursive: true });
  chmodSync(join(root, 'mnt'), 0o750);
  const { user, did } = asked({ drop_root: '1', directory: '/mnt/private/state' });
  assert.is(user, '');
  assert.not.match(did.join('\n'), 'chown');
  assert.match(did.join('\n'), 'turnpiked cannot go through');
});

test('it stays root’s where the journal cannot be given away, as on a USB stick with FAT', () => {
  program(join(bin, 'chown'), 'exit 1');
  const { user, status, did } = asked({ drop_root: '1' });
  assert.equal([user, status], ['', 1]);
  assert.match(did.join('\n'), '/etc/turnpike/state cannot be given to turnpiked');
});

/** What the init script tells procd. @param user what stands in for the script that says whose the daemon is */
function started(user: string): string[] {
  const script = readFileSync('files/etc/init.d/turnpike', 'utf8').replaceAll('/usr/lib/turnpike/user', user);
  const stand = ['open_instance', 'set_param', 'close_instance'].map(
    (name) => `procd_${name}() { echo "${name} $*"; }\n`,
  );
  const { stdout } = spawnSync('sh', ['-c', `${stand.join('')}${script}\nstart_service`], {
    encoding: 'utf8',
  });
  return stdout.trimEnd().split('\n');
}

test('procd is told whose the daemon is to be, so that it starts another’s anew', () => {
  const asked = (user: string) => started(user).filter((line) => /command|env/.test(line));
  const command = 'set_param command /usr/bin/turnpike run --syslog';
  assert.equal(asked('echo turnpiked'), [command, 'set_param env TURNPIKE_USER=turnpiked']);
  assert.equal(asked('false'), [command, 'set_param env TURNPIKE_USER=root']);
});

/** What procd starts. @param user what stands in for the script that says whose the daemon is @param told by procd */
function run(user: string, told: string): string[] {
  for (const name of ['ujail', 'turnpike'])
    program(join(bin, name), `echo "${name} $*$TURNPIKE_USER" >>${log}`);
  const script = readFileSync('files/usr/lib/turnpike/start', 'utf8')
    .replaceAll('/usr/lib/turnpike/user', user)
    .replaceAll('/sbin/ujail', 'ujail')
    .replaceAll('/usr/bin/turnpike', 'turnpike');
  const env = { PATH: `${bin}:${process.env.PATH}`, TURNPIKE_USER: told };
  spawnSync('sh', ['-c', script, 'start', 'run', '--syslog'], { env });
  return readFileSync(log, 'utf8').trimEnd().split('\n');
}

/** A script that says whose the daemon is, and gives that user what is theirs. */
function gives(...lines: string[]): string {
  program(join(bin, 'gives'), `echo gives >>${log}`, ...lines);
  return 'gives';
}

const jailed =
  'ujail -t 27 -n turnpike -U turnpiked -G turnpiked -C /etc/capabilities/turnpike.json -c -- turnpike run --syslog';

test('at each start its user is given what the daemon before has left, and it has CAP_NET_ADMIN alone', () => {
  assert.equal(run(gives('echo turnpiked'), 'turnpiked'), ['gives', jailed]);
  const sets = JSON.parse(readFileSync('files/etc/capabilities/turnpike.json', 'utf8'));
  assert.equal(Object.keys(sets).sort(), ['ambient', 'bounding', 'effective', 'inheritable', 'permitted']);
  for (const set of Object.values(sets)) assert.equal(set, ['CAP_NET_ADMIN']);
});

test('a daemon that is root’s is started at once', () => {
  assert.equal(run(gives('echo turnpiked'), 'root'), ['turnpike run --syslog']);
});

test('after a crash it is root’s where somebody has set meanwhile what needs root', () => {
  assert.equal(run(gives('exit 1'), 'turnpiked'), ['gives', 'turnpike run --syslog']);
});

test('an upgrade leaves the daemon’s user its way to the journal, and shuts what others may open', () => {
  const folder = join(root, 'etc/turnpike');
  const text = readFileSync('files/etc/uci-defaults/40_turnpike', 'utf8').replaceAll('/etc/', `${root}/etc/`);
  program(join(bin, 'uci'), 'exit 1');
  for (const [before, after] of [
    [0o710, 0o710],
    [0o755, 0o700],
    [0o750, 0o700],
    [0o700, 0o700],
  ] as const) {
    chmodSync(folder, before);
    spawnSync('sh', ['-c', text], { env: { PATH: `${bin}:${process.env.PATH}` } });
    assert.is(statSync(folder).mode & 0o777, after, before.toString(8));
  }
});

test('ubusd lets that user publish turnpike, and call nothing of turnpike’s', () => {
  const rules = JSON.parse(readFileSync('files/usr/share/acl.d/turnpiked.json', 'utf8'));
  assert.equal([rules.user, rules.publish, rules.send], ['turnpiked', ['turnpike'], ['turnpike.*']]);
  assert.equal(Object.keys(rules.access), ['hostapd.*']);
});

test.run();
