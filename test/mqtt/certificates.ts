import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** An authority, a stranger, and certificates that they signed, in files of `dir`. */
export function certificates(dir: string): { file: (name: string) => string } {
  const at = (name: string) => join(dir, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  for (const ca of ['ca', 'stranger']) {
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      at(`${ca}.key`),
      '-out',
      at(`${ca}.pem`),
      '-subj',
      `/CN=${ca}`,
    );
  }
  const signed = (name: string, ca: string, ...more: string[]) => {
    const own = ['-x509', '-CA', at(`${ca}.pem`), '-CAkey', at(`${ca}.key`), '-subj', `/CN=${name}`];
    openssl('req', ...key, ...own, ...more, '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`));
  };
  signed('server', 'ca', '-addext', 'subjectAltName=DNS:broker.test');
  signed('router', 'ca');
  signed('intruder', 'stranger');
  return { file: at };
}
