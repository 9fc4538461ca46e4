import { inOrder, type Schema, sectionsOf } from '../../src/config/schema.js';
import type { Section } from '../../src/config/section.js';

/** The sections that documents explain. Members that are sections of a name of their own stand for themselves. */
export function explainedSections(schema: Schema): readonly Section[] {
  return inOrder(sectionsOf(schema)).flatMap((section) => {
    const members = Object.values(section.members ?? {});
    return members.some(({ name }) => name !== undefined) ? members : [section];
  });
}

/** The members of a section that have an option, unless all of them have the same one. */
export function ownersOf({ members = {} }: Section, option: string): readonly Section[] {
  const all = Object.values(members);
  const owners = all.filter(({ options }) => option in options);
  const isCommon =
    owners.length === all.length && new Set(owners.map(({ options }) => options[option])).size <= 1;
  return isCommon || owners.length === 0 ? [] : owners;
}
