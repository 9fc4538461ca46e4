import type { Catalogue } from './en.js';

export const sw: Catalogue = {} as Catalogue;
