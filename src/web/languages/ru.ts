import type { Catalogue } from './en.js';

export const ru: Catalogue = {} as Catalogue;
