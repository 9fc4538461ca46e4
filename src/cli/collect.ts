import { besides, load } from './besides.js';
import { command, usage } from './command.js';
import { ended } from './ended.js';
import { commandLog } from './log.js';
import { print } from './output.js';

export const collect = command({
  name: 'collect',
  summary: 'writes down what routers report on MQTT, and shows it; on a server',
  args: [],
  options: {
    broker: { value: 'URL', default: 'mqtt://127.0.0.1', says: 'mqtt://, mqtts://, ws:// or wss://' },
    database: { value: 'PLACE', default: 'turnpike.sqlite', says: 'a SQLite file, or postgres://...' },
    report: { says: 'prints what was collected, as a table' },
    csv: { says: 'prints it for a spreadsheet' },
    by: { value: 'WHAT', says: 'lines of --report and --csv: router, session or day; router without it' },
    prefix: { value: 'TOPIC', default: 'turnpike', says: "as in the routers' configuration" },
    group: {
      value: 'NAME',
      default: 'collectors',
      mayBeEmpty: true,
      says: "collectors of one share the load; '' for none",
    },
    'client-id': {
      value: 'ID',
      says: 'must differ between collectors; turnpike-collector-HOSTNAME without it',
    },
    connections: { value: 'N', default: '16', says: '1 to 64' },
    protocol: { value: '5|4', says: 'MQTT 5, or 3.1.1 alone; 5, and 3.1.1 where 5 is not taken, without it' },
    user: { value: 'NAME', says: 'for the broker' },
    'password-file': { value: 'FILE', says: 'its password; else the variable TURNPIKE_MQTT_PASSWORD' },
    ca: { value: 'FILE', says: "who may vouch for the broker; Node's own list without it" },
    cert: { value: 'FILE', says: "the collector's certificate" },
    key: { value: 'FILE', says: 'the key of the certificate' },
  },
  details: `
Without --report or --csv it collects until SIGTERM.

  turnpike collect --broker mqtts://broker.example.net --user noc --password-file pw
  turnpike collect --report --by day
  turnpike collect --csv --by session > sessions.csv`,
  async run({ options }) {
    const file = besides('collector.mjs', '../collector/main.js');
    const collector = await load<typeof import('../collector/main.js')>('collector', file);
    const code = await collector.collect(options, { log: commandLog(() => 'info'), print, ended });
    if (!code.ok) throw usage(code.message);
    return code.value;
  },
});
