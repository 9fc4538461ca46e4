// A stock client of x402 at turnpike's own gate.
import { suite } from 'uvu';
import { wallets } from './page/wallets.js';
import { OwnShop } from './rig/own-shop.js';

const test = suite("x402 at turnpike's own gate");
wallets(test, (bank) => OwnShop.open(3, [], bank), [28]);
test.run();
