// What is typed wrongly is answered in one line on standard error, with what may have been meant, and exit code 2.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { turnpike } from './turnpike.js';

const mac = '02:00:00:00:00:01';

/** What is typed, and what is said. */
const mistakes: readonly (readonly [string, string])[] = [
  ['sesions', "turnpike: there is no command 'sesions'; did you mean 'sessions'?; see 'turnpike help'"],
  ['refund', "turnpike: there is no command 'refund'; see 'turnpike help'"],
  ['RUN', "turnpike: there is no command 'RUN'; did you mean 'run'?"],
  ['status', "turnpike: there is no command 'status'; did you mean 'turnpike call status'?"],
  ['session', "turnpike: there is no command 'session'; did you mean 'sessions' or 'turnpike call session'?"],
  ['restart', "turnpike: there is no command 'restart'; did you mean '/etc/init.d/turnpike restart'?"],
  ['help chek', "turnpike: there is no command 'chek'; did you mean 'check'?"],
  ['--config x run', 'turnpike: there is no option --config in front of the command'],
  [
    'run --confg x',
    "turnpike run: there is no option --confg; did you mean --config?; see 'turnpike help run'",
  ],
  ['run --confg=x', 'turnpike run: there is no option --confg; did you mean --config?'],
  ['run -config x', 'turnpike run: there is no option -config; did you mean --config?'],
  ['run -x', 'turnpike run: there is no option -x;'],
  ['check /tmp/x', "turnpike check: '/tmp/x' is one argument too many; did you mean --config /tmp/x?"],
  ['sessions now', "turnpike sessions: 'now' is one argument too many;"],
  ['check --config=', 'turnpike check: --config needs a value: --config FILE'],
  ['check --config', 'turnpike check: --config needs a value: --config FILE'],
  ['collect --database --csv', 'for a value that begins with a dash, --database=--csv'],
  ['demo --json=yes', 'turnpike demo: --json takes no value'],
  ['call', 'turnpike call: METHOD is missing'],
  ['call status {bad', 'turnpike call: ARGUMENTS are no JSON'],
  ['call status []', 'turnpike call: ARGUMENTS must be a JSON object'],
  [`grant ${mac}`, 'turnpike grant: AMOUNT is missing'],
  [`grant ${mac} 5MB`, 'turnpike grant: REASON is missing'],
  [
    `grant ${mac} 5XB because`,
    'turnpike grant: AMOUNT must be a size such as 500MB, or a time such as 30min',
  ],
  [`grant ${mac} 500 MB because`, 'turnpike grant: AMOUNT must be one word: 500MB'],
  [`grant ${mac} 0 because`, 'turnpike grant: AMOUNT must be a size'],
  ['grant 02:00:00:00:00 5MB because', 'turnpike grant: MAC must be that of a device'],
  ['close', 'turnpike close: ID|MAC is missing'],
  ['close ', 'turnpike close: ID|MAC is missing'],
  ['close 02:00', 'turnpike close: MAC must be that of a device'],
  ['collect --by week', 'turnpike collect: --by must be router, session or day'],
  ['collect --by day', 'turnpike collect: --by goes with --report or --csv'],
  ['collect --broker example.net', 'turnpike collect: --broker must be a URL such as mqtts://host:8883'],
  ['collect --connections 0', 'turnpike collect: --connections must be 1 to 64'],
  ['collect --database postgres://[', 'turnpike collect: --database is no URL of PostgreSQL'],
  ['facilitator', 'turnpike facilitator: --config FILE is missing'],
  ['hub', 'turnpike hub: --config FILE is missing'],
];

for (const [typed, said] of mistakes) {
  test(`turnpike ${typed}`, async () => {
    const { status, out, err } = await turnpike(...typed.split(' '));
    assert.equal([status, out], [2, '']);
    assert.ok(err.includes(said), err);
    assert.match(
      err,
      /^turnpike[^\n]*; see 'turnpike help[a-z ]*'\n$/,
      'one line, that says where there is more',
    );
  });
}

test('a demo of too many customers', async () => {
  assert.is((await turnpike('demo', '--clients', 'many')).status, 2);
});

test.run();
