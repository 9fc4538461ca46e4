// What a portal's owner wrote, read as turnpike reads it.
import { parseUci } from '../../../src/config/uci.js';
import type { ReadUci } from '../../../src/ports/portal.js';
import type { OwnPremises } from '../../../src/ports/premises.js';
import { members } from '../../../src/wiring/members.js';
import { loadConfig } from '../../../src/wiring/schema.js';

/** The portals of this version. */
export type Type = 'opennds' | 'nodogsplash';

/** Reads the texts of UCI files by their names; others are not there. */
export function filesOf(texts: Readonly<Record<string, string>>): ReadUci {
  return (file) => (file in texts ? parseUci(texts[file]!).sections : undefined);
}

/** What is taken over of a portal's configuration. @param more other files by their names */
export function takenOver(
  type: Type,
  text: string,
  more: Readonly<Record<string, string>> = {},
  options = '',
): OwnPremises {
  const loaded = loadConfig(`config gateway 'lan'\n\toption type '${type}'\n${options}`, 'turnpike');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  const read = filesOf({ [`/etc/config/${type}`]: `config ${type}\n${text}`, ...more });
  return members.portals[type]!.premises(loaded.config.gateways[0]!, read);
}
