import { refuse } from '../domain/refuse.js';
import type { OwnSection } from '../ports/portal.js';
import type { Result } from '../ports/result.js';
import { listOf } from './sections.js';
import type { Setting, Site } from './target.js';

/** What devices need of the router in any case: a portal whose list of rules has one entry allows nothing else. */
const essentials = ['allow udp port 53', 'allow tcp port 53', 'allow udp port 67', 'allow tcp port 22'];

/**
 * The rules `users_to_router` of a portal, with the one by which devices reach the page before they have paid. One for
 * another port, from an earlier set-up, stays: it may be the owner's.
 */
export function routerRules(section: OwnSection, port: number): readonly string[] {
  const rules = listOf(section, 'users_to_router');
  const rule = `allow tcp port ${port}`;
  const isThere = rules.some((one) => one.trim().split(/\s+/).join(' ') === rule);
  if (isThere) return rules;
  return [...(rules.length === 0 ? essentials : rules), rule];
}

/** The option of turnpike's own configuration that serves the page. Its section may have any name, or none. */
export function pagePort({ own, port, read }: Pick<Site, 'own' | 'port' | 'read'>): Result<Setting> {
  const found = read(own)?.find(({ type }) => type === 'turnpike');
  if (!found)
    return refuse('setup_impossible', `${own} has no section for page_port: add config turnpike 'main'`);
  const section = found.name ?? '@turnpike[0]';
  return { ok: true, value: { file: own, section, option: 'page_port', value: String(port) } };
}
