import { type Catalogue, en } from './languages/en.js';
import { Text } from './text.js';

/** Catalogues by their language: loaded when somebody wants to read them. */
export const loaders: Readonly<Record<string, () => Promise<Catalogue>>> = {
  en: async () => en,
  de: async () => (await import('./languages/de.js')).de,
  fr: async () => (await import('./languages/fr.js')).fr,
  es: async () => (await import('./languages/es.js')).es,
  'pt-BR': async () => (await import('./languages/pt-br.js')).ptBr,
  ru: async () => (await import('./languages/ru.js')).ru,
  'zh-Hans': async () => (await import('./languages/zh-hans.js')).zhHans,
  hi: async () => (await import('./languages/hi.js')).hi,
  ar: async () => (await import('./languages/ar.js')).ar,
  sw: async () => (await import('./languages/sw.js')).sw,
  id: async () => (await import('./languages/id.js')).id,
};

/** Every language, with its own name for itself. */
export const languageNames: Readonly<Record<string, string>> = {
  ...{ en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español', 'pt-BR': 'Português (Brasil)' },
  ...{ ru: 'Русский', 'zh-Hans': '简体中文', hi: 'हिन्दी', ar: 'العربية', sw: 'Kiswahili' },
  id: 'Bahasa Indonesia',
};

const english = new Text('en', en);
const texts = new Map<string, Text>([['en', english]]);

/** The sentences of a language; English for one that is not there, or cannot be loaded now: sales go on. */
export async function textIn(language: string, from = loaders): Promise<Text> {
  const known = texts.get(language);
  if (known) return known;
  if (!Object.hasOwn(from, language)) return english;
  try {
    const text = new Text(language, await from[language]!());
    texts.set(language, text);
    return text;
  } catch {
    return english;
  }
}

/**
 * The language that a reader prefers among those that are offered (RFC 9110 §12.5.4): the same, or one of the same
 * first part; the first one offered when none is.
 * @param chosen in the menu; it counts more than what the browser says
 */
export function languageFor(
  offered: readonly string[],
  chosen: string | null,
  accepted: string | undefined,
): string {
  if (chosen !== null && offered.includes(chosen)) return chosen;
  for (const tag of wanted(accepted ?? '')) {
    const exact = offered.find((one) => one.toLowerCase() === tag);
    const near = offered.find((one) => primary(one.toLowerCase()) === primary(tag));
    if (exact ?? near) return (exact ?? near)!;
  }
  return offered[0] ?? 'en';
}

/** Tags by falling quality, lower-case; at most 20 are read. */
function wanted(header: string): string[] {
  const entries = header.slice(0, 400).split(',', 20);
  const weighed = entries.map((entry) => {
    const [tag = '', ...rest] = entry
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const quality = rest.find((one) => one.startsWith('q='));
    return { tag, weight: quality === undefined ? 1 : Number(quality.slice(2)) };
  });
  const usable = weighed.filter(
    ({ tag, weight }) => /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/.test(tag) && weight > 0,
  );
  return usable.sort((a, b) => b.weight - a.weight).map(({ tag }) => tag);
}

function primary(tag: string): string {
  return tag.split('-')[0]!;
}
