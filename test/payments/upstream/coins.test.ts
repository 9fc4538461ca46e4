// Which of its coins a router pays upstream with, and whom.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Row } from './row.js';

test('a seller with another key than the one that is configured is paid nothing', async () => {
  const row = await Row.open([64, 32, 4], { key: 'ab'.repeat(32) });
  try {
    await row.buyer.look();
    assert.match(row.why, /not by the key that is configured/);
    assert.is(row.sent.length, 0);
  } finally {
    await row.seller.end();
  }
});

test('coins that do not fit the price exactly come back as change', async () => {
  const row = await Row.open([64], { atOnce: 60 });
  try {
    await row.buyer.look();
    assert.is(row.granted, 6_000);
    assert.equal([row.purse(), row.spentToday], [4, 60]);
  } finally {
    await row.seller.end();
  }
});

test('a coin that is much too large is not given away', async () => {
  const row = await Row.open([1024]);
  try {
    await row.buyer.look();
    assert.match(row.why, /no coins/);
    assert.equal([row.sent.length, row.purse()], [0, 1024]);
  } finally {
    await row.seller.end();
  }
});

test.run();
