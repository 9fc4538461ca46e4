import { refuse } from '../domain/refuse.js';
import type { OwnSection } from '../ports/portal.js';
import type { Result } from '../ports/result.js';
import { listOf } from './sections.js';
import type { Setting, Site } from './target.js';

/** What devices need of the router in any case: a portal whose list of rules has one entry allows nothing else. */
const essentials = ['allow udp port 53', 'allow tcp port 53', 'allow udp port 67', 'allow tcp port 22'];

/**
 * The rules `users_to_router` of a portal, with those by which devices reach the page before they have paid. One for
 * another port, from an earlier set-up, stays: it may be the owner's.
 */
export function routerRules(section: OwnSection, ...ports: readonly number[]): readonly string[] {
  const rules = listOf(section, 'users_to_router');
  const there = rules.map((one) => one.trim().split(/\s+/).join(' '));
  const missing = ports.map((port) => `allow tcp port ${port}`).filter((rule) => !there.includes(rule));
  if (missing.length === 0) return rules;
  return [...(rules.length === 0 ? essentials : rules), ...missing];
}

/** The option of turnpike's own configuration that serves the page. Its section may have any name, or none. */
export function pagePort({ own, port, read }: Pick<Site, 'own' | 'port' | 'read'>): Result<Setting> {
  const found = read(own)?.find(({ type }) => type === 'turnpike');
  if (!found)
    return refuse('setup_impossible', `${own} has no section for page_port: add config turnpike 'main'`);
  const section = found.name ?? '@turnpike[0]';
  return { ok: true, value: { file: own, section, option: 'page_port', value: String(port) } };
}
