import type { Catalogue } from './en.js';

export const hi: Catalogue = {} as Catalogue;
