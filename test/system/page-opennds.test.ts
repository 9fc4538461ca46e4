// A customer's browser on real openNDS.
import { suite } from 'uvu';
import { customers } from './page/customer.js';
import { portalShop } from './page/portal-shop.js';
import { openNds } from './rig/opennds.js';

const test = suite('the page on openNDS');
customers(test, () => portalShop((page) => openNds(undefined, page)));
test.run();
