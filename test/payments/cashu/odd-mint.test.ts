// A mint whose answers are not what they should be.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Mint } from '../../../src/payments/cashu/mint.js';

function mintThatSays(body: unknown): Mint {
  return new Mint(
    'https://mint.example',
    1000,
    () => 0,
    async () => ({ status: 200, body }),
  );
}

for (const list of [[null], [1], 'x', null, [[]]]) {
  test(`keysets that are ${JSON.stringify(list)} end no daemon`, async () => {
    const mint = mintThatSays({ keysets: list });
    const found = await mint.keysets();
    assert.equal(found.ok ? found.value : [], []);
    assert.not((await mint.keys('00aa')).ok);
  });
}

test.run();
