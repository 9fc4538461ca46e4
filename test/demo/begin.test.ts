// What the demo says at its beginning is true.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Program, withFolder } from './program.js';

let temp = '';
withFolder((folder) => {
  temp = folder;
});

test('the demo says what is to be seen, how it ends, and commands that work as they stand there', async () => {
  const demo = Program.turnpike(temp, ['demo', '--clients', '1', '--dialect', 'nodogsplash']);
  await demo.says(/sold [1-9]/);
  assert.match(demo.out, 'Simulated customers: 1. They buy WiFi with cash');
  assert.match(demo.out, 'behind a simulated nodogsplash');
  assert.match(demo.out, 'The demo runs until you stop it with Ctrl-C.');
  const [, url, code] = /in your browser: (http:\S+) \(voucher (\S+)\)/.exec(demo.out) ?? [];
  assert.match(code ?? '', /^[A-Z2-9]{5}-[A-Z2-9]{5}$/);
  const page = await fetch(url!);
  assert.is(page.status, 200);
  assert.match(await page.text(), 'A taste, free of charge');
  const commands = [...demo.out.matchAll(/^ {2}node (dist\S+ .* --socket (\S+))$/gm)];
  assert.is(commands.length, 3, demo.out);
  for (const [, args, socket] of commands) {
    assert.ok(socket!.startsWith(`${temp}/turnpike-demo-`), socket);
    const command = new Program(process.execPath, args!.split(' '), temp);
    assert.is(await command.ended, 0, `${args}: ${command.out}${command.err}`);
    assert.type(JSON.parse(command.out), 'object');
  }
  const named = Program.turnpike(temp, ['call', 'status'], { TURNPIKE_SOCKET: commands[0]![2] });
  assert.is(await named.ended, 0, named.err);
  demo.child.kill('SIGTERM');
  await demo.ended;
});

test('--seconds and --json give one line of figures and nothing else', async () => {
  const demo = Program.turnpike(temp, ['demo', '--clients', '3', '--seconds', '1', '--json']);
  assert.is(await demo.ended, 0, demo.err);
  assert.match(demo.out, /^\{"sold":.*\}\n$/);
  assert.is(demo.err, '');
});

test('no session of the demo moves more than it has bought', async () => {
  const demo = Program.turnpike(temp, ['demo', '--clients', '20', '--seconds', '12', '--json']);
  assert.is(await demo.ended, 0, demo.err);
  const { closed, overshoot_bytes_max, errors } = JSON.parse(demo.out);
  assert.ok(closed.data > 0, demo.out);
  assert.is(overshoot_bytes_max, 0);
  assert.is(errors, 0, demo.out);
});

test('a wrong argument is named, with what may stand there', async () => {
  const wrong: [string[], string][] = [
    [['--clients', 'many'], "--clients must be 1 to 5000, not 'many'"],
    [['--seconds', '0'], "--seconds must be 1 to 86400, not '0'"],
    [['--dialect', 'splash'], "--dialect must be opennds or nodogsplash, not 'splash'"],
    [['--nosuch'], 'there is no option --nosuch'],
    [['--escrow', '--clients', '3'], '--escrow goes with --json only'],
  ];
  for (const [args, message] of wrong) {
    const demo = Program.turnpike(temp, ['demo', ...args]);
    assert.is(await demo.ended, 2);
    assert.is(demo.err, `turnpike demo: ${message}; see 'turnpike help demo'\n`);
  }
});

test.run();
