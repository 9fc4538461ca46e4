/** Built into a file of its own, with those parts of the library alone that are used. */
export { instantiateSecp256k1 } from '@bitauth/libauth';
