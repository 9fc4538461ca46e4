import { choice } from './kind.js';
import { type Options, option, readOptions } from './option.js';
import type { SectionReader } from './reader.js';
import type { Section } from './section.js';

/** A type of section whose options depend on which of its members a section is for. */
interface Variants<C> {
  readonly type: string;
  readonly about: string;
  readonly members: Readonly<Record<string, Section<C>>>;
}

/** Variants of which an option, `name`, says which one a section is for. Every section has a name of its own. */
export function byOption<C>(
  variants: Variants<C>,
  { name, help }: { readonly name: string; readonly help: string },
): Section<C> {
  const { members } = variants;
  const words = Object.fromEntries(Object.entries(members).map(([word, { about }]) => [word, about]));
  const which = option(choice(words), { needed: true, example: Object.keys(words)[0] ?? '', help });
  const own = optionsOf(members, 'options');
  const { enabled, ...others } = own;
  const options = { ...(enabled && { enabled }), [name]: which, ...others };
  return sectionOf(variants, options, own, (reader) => {
    if (!reader.has(name)) reader.fault('missing', `${name} is missing`, name);
    const word = which.read(reader, name);
    return word === undefined ? undefined : members[word];
  });
}

/** Variants of which the section's own name says which one it is for. @param kind of member, in words, for faults */
export function byName<C>(variants: Variants<C>, kind: string): Section<C> {
  const { members } = variants;
  const own = optionsOf(members, 'options');
  return sectionOf(variants, own, own, (reader) => {
    if (Object.hasOwn(members, reader.name)) return members[reader.name];
    const known = Object.keys(members).join(', ');
    reader.fault('unknown_section', `there is no ${kind} '${reader.name}': ${known}`);
    return undefined;
  });
}

/** @param own options of the members */
function sectionOf<C>(
  { type, about, members }: Variants<C>,
  options: Options,
  own: Options,
  memberOf: (reader: SectionReader) => Section<C> | undefined,
): Section<C> {
  return Object.freeze({
    ...{ type, about, members },
    options: Object.freeze(options),
    secrets: Object.freeze(optionsOf(members, 'secrets')),
    read(reader: SectionReader, secrets: SectionReader | undefined) {
      const member = memberOf(reader);
      // It is not known which member the section is for: check its options against those of all members.
      if (!member) readOptions(own, reader);
      return member?.read(reader, secrets);
    },
  });
}

/** The options of all members; where several have one of the same name, that of the first. */
function optionsOf(members: Readonly<Record<string, Section>>, table: 'options' | 'secrets'): Options {
  const found: Record<string, Options[string]> = {};
  for (const member of Object.values(members)) {
    for (const [name, one] of Object.entries(member[table])) found[name] ??= one;
  }
  return found;
}
