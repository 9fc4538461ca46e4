import type { Catalogue } from './en.js';

export const zhHans: Catalogue = {} as Catalogue;
