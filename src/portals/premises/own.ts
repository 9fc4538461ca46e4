import { type Mac, parseMac } from '../../domain/mac.js';
import type { OwnSection } from '../../ports/portal.js';
import type { OpenTo } from '../../ports/premises.js';

/** What is read of a rule: where it leads to, or why that could not be made out. */
export type Rule = { readonly ok: true; readonly to: OpenTo } | { readonly ok: false; readonly why: string };

/** Characters of a faulty text that are shown. */
const mostShown = 60;
/** Most entries that are taken over of one list: each is a rule, or an element of a set, in the kernel. */
const mostEntries = 1024;

/** The entries of a list. An option of the same name is a list of one. */
export function entriesOf(section: OwnSection | undefined, name: string): string[] {
  const single = section?.options.get(name);
  const entries = [...(single ? [single] : []), ...(section?.lists.get(name) ?? [])];
  return entries.map(({ value }) => value).filter((value) => value.trim() !== '');
}

/** Words in the entries of a list, which the portals separate by blanks and commas. */
export function wordsOf(section: OwnSection | undefined, name: string): string[] {
  return entriesOf(section, name).flatMap((entry) => entry.split(/[\s,]+/).filter((word) => word !== ''));
}

/** Devices that the portal's owner trusts. @param faults takes in what is none */
export function trustedOf(section: OwnSection | undefined, faults: string[]): Mac[] {
  const macs = wordsOf(section, 'trustedmac').flatMap((word) => {
    const mac = parseMac(word);
    if (!mac) faults.push(`trustedmac ${shown(word)} is no MAC address of a device`);
    return mac ?? [];
  });
  return limited([...new Set(macs)], 'trustedmac', faults);
}

/** Rules in the order of the list. @param faults takes in those that cannot be made out: they open nothing */
export function rulesOf(
  section: OwnSection | undefined,
  read: (text: string) => Rule | undefined,
  faults: string[],
): OpenTo[] {
  const rules = entriesOf(section, 'preauthenticated_users').flatMap((entry) => {
    const rule = read(entry);
    if (!rule) return [];
    if (!rule.ok) faults.push(`preauthenticated_users ${shown(entry)} is left out: ${rule.why}`);
    else if (isAll(rule.to))
      faults.push(`preauthenticated_users ${shown(entry)} lets everybody through, unpaid`);
    return rule.ok ? rule.to : [];
  });
  return limited(rules, 'preauthenticated_users', faults);
}

/** A part of a text that somebody wrote, in quotes, fit for the log. */
export function shown(text: string): string {
  return `'${text.slice(0, mostShown).replace(/\p{Cc}/gu, ' ')}'`;
}

/** With one protocol of the two at every port, browsers have all that they need. */
function isAll({ protocol, port, to, shut }: OpenTo): boolean {
  return protocol !== 'icmp' && port === undefined && to === undefined && !shut;
}

function limited<T>(entries: T[], name: string, faults: string[]): T[] {
  if (entries.length > mostEntries)
    faults.push(`${name} has more than ${mostEntries} entries: the rest is left out`);
  return entries.slice(0, mostEntries);
}
