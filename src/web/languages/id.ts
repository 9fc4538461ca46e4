import type { Catalogue } from './en.js';

export const id: Catalogue = {} as Catalogue;
