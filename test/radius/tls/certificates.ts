import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** An authority, a stranger, and certificates that they signed, in files of `dir`; the server is `radius.test`. */
export function certificates(dir: string): (name: string) => string {
  const at = (name: string) => join(dir, name);
  const make = (name: string, ...more: string[]) => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)];
    execFileSync('openssl', ['req', '-x509', ...key, '-subj', `/CN=${name}`, ...files, ...more], {
      stdio: 'pipe',
    });
  };
  const by = (ca: string) => ['-CA', at(`${ca}.pem`), '-CAkey', at(`${ca}.key`)];
  const end = ['-addext', 'basicConstraints=critical,CA:FALSE'];
  for (const ca of ['ca', 'stranger']) make(ca);
  make('server', ...by('ca'), ...end, '-addext', 'subjectAltName=DNS:radius.test');
  make('router', ...by('ca'), ...end);
  make('intruder', ...by('stranger'), ...end);
  return at;
}
