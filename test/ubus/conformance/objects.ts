// Objects: listed, found, removed.
import { BlobWriter, blobType } from 'openwrt-ubus/wire';
import type { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rawPeer } from '../raw.js';
import { type Context, codeOf, connect, demo } from '../rig.js';

export function objects(test: ReturnType<typeof suite<Context>>): void {
  test('objects are listed with their methods, by prefix and by name', async (c) => {
    const provider = await connect(c);
    await demo(provider);
    await demo(provider, 'demo.second');
    const client = await connect(c);
    const paths = async (pattern: string) => (await client.list(pattern)).map((o) => o.path).sort();
    assert.equal(await paths('demo*'), ['demo', 'demo.second']);
    assert.equal(await paths('demo'), ['demo']);
    const [object] = await client.list('demo');
    assert.equal(object?.methods.echo, { text: 'string', list: 'array', table: 'table', n: 'int32' });
    assert.equal(await client.list('nosuch'), []);
    assert.equal(await client.list('nosuch*'), []);
    assert.ok((await client.list()).length >= 2);
    assert.is(await codeOf(demo(provider)), 'invalid_argument', 'a path is given once');
  });

  test('an object that is removed is gone', async (c) => {
    const object = await demo(await connect(c));
    const client = await connect(c);
    assert.equal(await client.call('demo', 'later'), { late: true });
    await object.remove();
    assert.is(await codeOf(client.call('demo', 'later')), 'not_found');
  });

  test('an object that comes back under another number is found again', async (c) => {
    const client = await connect(c);
    for (let life = 0; life < 2; life++) {
      const provider = await connect(c);
      const object = await demo(provider);
      assert.equal(await client.call('demo', 'later'), { late: true });
      await object.remove();
    }
  });

  test('a call takes no object that only begins with its path', async (c) => {
    await demo(await connect(c), 'demo.second');
    assert.is(await codeOf((await connect(c)).call('demo.*', 'later')), 'not_found');
  });

  test('an object whose methods nobody can read does not hide the others', async (c) => {
    const told: string[] = [];
    const client = await connect(c, { onError: (error) => told.push(error.message) });
    await demo(await connect(c));
    const rude = rawPeer(c.daemon.socket);
    const strange = new BlobWriter();
    const at = strange.open(blobType.table, true);
    strange.u16(1);
    strange.text('m');
    strange.pad();
    strange.raw(Buffer.from([0, 0, 0, 1]));
    strange.close(at);
    await rude.offer('demo.rude', strange.finish());
    const methods = Object.fromEntries(
      (await client.list('demo*')).map((o) => [o.path, Object.keys(o.methods)]),
    );
    assert.equal(methods['demo.rude'], []);
    assert.ok(methods.demo?.includes('echo'));
    assert.match(told.join(), 'the methods of demo.rude cannot be read');
    rude.close();
  });
}
