import type { OwnSection } from '../ports/portal.js';
import { listOf } from './sections.js';
import type { Setting } from './target.js';

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

/** The option of turnpike's own configuration that serves the page. */
export function pagePort(own: string, port: number): Setting {
  return { file: own, section: 'main', option: 'page_port', value: String(port) };
}
