import type { Catalogue } from './en.js';

export const ptBr: Catalogue = {} as Catalogue;
