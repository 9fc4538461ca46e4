// Helper: a broker (`broker SOCKET`), or a client that offers the object `echo` (`echo SOCKET`).
import { UbusClient } from 'openwrt-ubus';
import { UbusBroker } from '../packages/simulators/broker/broker.js';
import { serve } from './child.js';

const [role, socket = ''] = process.argv.slice(2);

if (role === 'broker') {
  await new UbusBroker(socket).start();
} else {
  const client = new UbusClient({ socket });
  await client.connect();
  await client.publish({ path: 'echo', methods: { say: { args: { n: 'int32' }, handler: (args) => args } } });
}
serve(() => undefined);
