// The same request while the first one is under way.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { once } from '../../src/engine/once.js';
import fc from '../rig/properties.js';

/** Work that ends when the test says so. */
function work() {
  let [begun, end, fail] = [0, (_: string) => {}, (_: Error) => {}];
  const run = () => {
    begun += 1;
    return new Promise<string>((resolve, reject) => {
      [end, fail] = [resolve, reject];
    });
  };
  return {
    run,
    begun: () => begun,
    end: (answer: string) => end(answer),
    fail: (cause: Error) => fail(cause),
  };
}

test('the same request is done once, and all who ask get its answer', async () => {
  const [alone, { run, begun, end }] = [once(), work()];
  const answers = Array.from({ length: 5 }, () => alone('key', 'digest', run));
  end('done');
  assert.equal(await Promise.all(answers), Array(5).fill('done'));
  assert.is(begun(), 1);
});

test('another request under the same key is refused as long as the first one is under way', async () => {
  const [alone, first, second] = [once(), work(), work()];
  const answer = alone('key', 'one', first.run);
  assert.is(alone('key', 'two', second.run), undefined);
  first.end('done');
  await answer;
  const next = alone('key', 'two', second.run);
  second.end('too');
  assert.is(await next, 'too');
});

test('a failure is the answer to all who ask, and is not kept', async () => {
  const [alone, { run, begun, end, fail }] = [once(), work()];
  const answers = [alone('key', 'd', run)!, alone('key', 'd', run)!];
  fail(new Error('no disk'));
  for (const answer of answers) assert.is(await answer.catch(({ message }: Error) => message), 'no disk');
  const again = alone('key', 'd', run);
  end('done');
  assert.equal([await again, begun()], ['done', 2]);
});

test('whoever asks when: no two of one key are under way, and keys do not wait for each other', async () => {
  const asks = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 3 })), {
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(asks, async (all) => {
      const alone = once();
      const underWay = new Map<string, number>();
      const answers = all.map(async ([key, turns], i) => {
        for (let n = 0; n < i % 4; n++) await Promise.resolve();
        return alone(key, 'digest', async () => {
          underWay.set(key, (underWay.get(key) ?? 0) + 1);
          assert.is(underWay.get(key), 1);
          for (let n = 0; n < turns; n++) await Promise.resolve();
          underWay.set(key, 0);
          return key;
        });
      });
      assert.equal(
        await Promise.all(answers),
        all.map(([key]) => key),
      );
    }),
  );
});

test.run();
