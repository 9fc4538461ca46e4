// A portal's own flowtable with the real nft, where the kernel has flowtables.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Nft, NftError } from '../../src/kernel/nft.js';
import { fillsFlowtable, takeOutFlows } from '../../src/kernel/offload.js';
import { openndsRules } from '../../src/portals/opennds/own-rules.js';
import { Room } from './rig/room.js';

interface Context {
  room: Room;
  nft: Nft;
  hasFlowtables: boolean;
}

const test = suite<Context>('flow offload');

/** As openNDS 10.3.1 makes it (libopennds.sh). */
const own = `table ip nds_filter {
  flowtable ndsftOUT { hook ingress priority -100; devices = { lo }; }
  chain nds_ft_OUT { meta l4proto { tcp, udp } flow add @ndsftOUT counter
    counter return
  }
}
`;

test.before(async (c) => {
  c.room = await Room.open();
  c.nft = async (args, script = '') => {
    const command = script === '' ? args : [script];
    return c.room.run('nft', [...command]).catch((cause: Error) => {
      throw new NftError('refused', cause.message);
    });
  };
  c.hasFlowtables = await c.nft([], own).then(
    () => true,
    () => false,
  );
  if (!c.hasFlowtables) console.log('  flowtables: SKIPPED, this kernel has none');
});

test.after((c) => c.room.close());

test('what openNDS offloads is taken out, and its script finds what it looks for', async (c) => {
  const premises = [{ interfaces: ['lo'], exclusive: true, trusted: [], open: [], own: openndsRules }];
  if (!c.hasFlowtables) return assert.equal(await takeOutFlows(c.nft, premises), []);
  assert.ok(await fillsFlowtable(c.nft, await c.nft(['-j', 'list', 'flowtables'])));
  assert.equal(await takeOutFlows(c.nft, premises), ['ndsftOUT']);
  assert.not(await fillsFlowtable(c.nft, await c.nft(['-j', 'list', 'flowtables'])));
  assert.match(await c.nft(['list', 'chain', 'ip', 'nds_filter', 'nds_ft_OUT']), 'meta l4proto');
  assert.match(await c.nft(['list', 'flowtables']), 'ndsftOUT');
});

test.run();
