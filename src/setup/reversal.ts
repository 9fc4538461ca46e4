import { join } from 'node:path';
import type { Change, Changes } from './changes.js';
import { textOf } from './changes.js';
import type { SetupRecord } from './record.js';
import { isSame, nameOf, valueAt } from './sections.js';
import type { Value } from './target.js';
import { sectionsOf, type Written } from './uci.js';

type Kept = SetupRecord['settings'][number];

/** What is to be known for the way back. Of what was changed before, the oldest state is kept. */
export function recordOf(
  old: SetupRecord | undefined,
  { settings, pages }: Changes,
  { folder, key }: { readonly folder: string; readonly key: string },
): SetupRecord {
  const isNew = (setting: Change) => !old?.settings.some((one) => nameOf(one) === nameOf(setting));
  const changed = new Map(settings.map((setting) => [nameOf(setting), setting]));
  const files = [...new Set(settings.map(({ file }) => file))];
  const newFiles = files.filter((file) => !old?.files.some((one) => one.file === file));
  return {
    key,
    settings: [
      ...(old?.settings ?? []).map((one) => {
        const change = changed.get(nameOf(one));
        return change ? { ...one, after: change.value ?? null } : one;
      }),
      ...settings.filter(isNew).map(({ file, section, option, now, value }) => {
        return { file, section, option, before: now ?? null, after: value ?? null };
      }),
    ],
    pages: [
      ...(old?.pages ?? []).filter(({ path }) => !pages.some((one) => one.path === path)),
      ...pages.map(({ path, now, text }) => {
        const before = old?.pages.find((one) => one.path === path)?.before;
        return { path, before: before === undefined ? (now ?? null) : before, after: text };
      }),
    ],
    files: [
      ...(old?.files ?? []),
      ...newFiles.map((file) => ({ file, before: textOf(join(folder, file)) ?? '', left: '' })),
    ],
  };
}

/**
 * What is to be written to undo a set-up, beside files that are put back whole.
 * @returns `kept`: options that somebody else has changed since, which stay as they are
 */
export function wayBack(
  { settings }: SetupRecord,
  texts: ReadonlyMap<string, string>,
  whole: ReadonlySet<string>,
): { write: Written[]; kept: string[] } {
  const made = new Set(settings.filter(isMade).map(placeOf));
  // A section that was made goes whole, with what others have put into it.
  const single = settings.filter((one) => !whole.has(one.file) && (isMade(one) || !made.has(placeOf(one))));
  const states = single.map((setting) => ({ setting, now: nowOf(setting, texts) }));
  const own = states.filter(({ setting, now }) => isSame(now, setting.after ?? undefined));
  // What belongs to a section's type goes with it: left alone, it would be an option that the other type has not.
  const turned = new Set(
    own.filter(({ setting }) => setting.option === 'type').map(({ setting }) => placeOf(setting)),
  );
  const goesWith = ({ setting }: (typeof states)[number]) =>
    turned.has(placeOf(setting)) && setting.before === null;
  const others = states.filter((one) => !own.includes(one) && !goesWith(one));
  return {
    write: states
      .filter((one) => !others.includes(one))
      .filter(({ setting, now }) => !isSame(now, setting.before ?? undefined))
      .map(({ setting, now }) => ({ ...setting, value: setting.before ?? undefined, now })),
    kept: others
      .filter(({ setting, now }) => !isSame(now, setting.before ?? undefined))
      .map(({ setting }) => nameOf(setting)),
  };
}

function nowOf(kept: Kept, texts: ReadonlyMap<string, string>): Value {
  return valueAt(sectionsOf(texts.get(kept.file) ?? ''), kept);
}

const isMade = ({ option, before }: Kept) => option === '' && before === null;
const placeOf = ({ file, section }: Kept) => nameOf({ file, section, option: '' });
