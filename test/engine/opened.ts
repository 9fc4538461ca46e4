import * as assert from 'uvu/assert';
import { mac, type World, world } from './world.js';

export const one = mac(1);

/** A world with one client, who has bought and whose gate is open. */
export async function opened(
  over: Record<string, unknown> = {},
  w: Promise<World> = world(),
): Promise<{ w: World; id: string }> {
  const made = await w;
  made.portal.join(one);
  await made.clock.pass(1001);
  const result = await made.buy(one, over);
  assert.ok(result.ok, result.ok ? '' : result.message);
  return { w: made, id: result.ok ? result.value.id : '' };
}
