import { isIP } from 'node:net';
import { refuse } from '../domain/refuse.js';
import type { Result } from '../ports/result.js';
import { captivePath } from '../web/captive.js';
import type { Config } from './schema.js';

/** The port of HTTPS, which a URL does without. */
const httpsPort = 443;

/**
 * Where phones are told what is left (RFC 8908), or why that is announced to nobody.
 * @param usual the port of entries of `listen` without one
 */
export function announcementOf({ web }: Pick<Config, 'web'>, usual: number): Result<string> {
  if (!web) return impossible('the page is switched off (config web)');
  if (web.certificate === undefined || web.key === undefined) {
    return impossible('the page has no certificate and key (config web): phones believe HTTPS only');
  }
  const named = web.listen.find(({ host }) => isIP(host) === 0 && host.includes('.'));
  if (!named) {
    return impossible('no entry of listen (config web) is a public name, which a certificate could be for');
  }
  const { host, port = usual } = named;
  return { ok: true, value: `https://${host}${port === httpsPort ? '' : `:${port}`}${captivePath}` };
}

/** The port at which the page is on an address: as `listen` says, or else the usual one. */
export function portAt(
  { web, main }: Pick<Config, 'web' | 'main'>,
  usual: number,
  address: string | undefined,
): number {
  const own = web?.listen.find(({ host }) => host === address) ?? web?.listen[0];
  return own?.port ?? main.pagePort ?? usual;
}

function impossible(why: string): Result<string> {
  return refuse('setup_impossible', `the page is not announced to phones: ${why}`);
}
