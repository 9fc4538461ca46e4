import { readFileSync } from 'node:fs';
import { isSame, nameOf, valueAt } from './sections.js';
import type { Page, Plan, Setting, Site, Value } from './target.js';

/** A setting that is not as it is to be. */
export interface Change extends Setting {
  readonly now: Value;
}

/** A file that is not as it is to be. */
export interface PageChange extends Page {
  /** What is in it; undefined when there is none. */
  readonly now: string | undefined;
}

export interface Changes {
  readonly settings: readonly Change[];
  readonly pages: readonly PageChange[];
}

/** What of a plan is not as it is to be. */
export function changesOf({ settings, pages }: Plan, read: Site['read']): Changes {
  const wrong = settings.flatMap((setting): Change[] => {
    const now = valueAt(read(setting.file) ?? [], setting);
    return isSame(now, setting.value) ? [] : [{ ...setting, now }];
  });
  const missing = pages.flatMap((page): PageChange[] => {
    const now = textOf(page.path);
    return now === page.text ? [] : [{ ...page, now }];
  });
  return { settings: wrong, pages: missing };
}

/** What is in a file, byte for byte; undefined when it is not there. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** A change in words: the option as `uci` names it, what it has, and what it is to have. */
export interface ChangeInWords {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Changes for people. Secrets are named, and not shown. */
export function inWords({ settings, pages }: Changes): ChangeInWords[] {
  return [
    ...settings.map(({ now, value, isSecret, ...setting }) => {
      const shown = (one: Value) => (isSecret && one !== undefined ? 'a random key' : wordsOf(one));
      return { name: nameOf(setting), from: shown(now), to: shown(value) };
    }),
    ...pages.map(({ path, now }) => ({
      name: path,
      from: now === undefined ? '' : 'another page',
      to: "a page that leads to turnpike's",
    })),
  ];
}

function wordsOf(value: Value): string {
  return typeof value === 'string' ? value : (value ?? []).join(', ');
}
