// Programs out of packages of the npm registry, each at one version and known by its hash.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';

/** Fetches a package with `npm pack`, by way of a folder. @returns its tarball */
export function fetched(name, version, folder) {
  const args = ['pack', `${name}@${version}`, '--silent', '--pack-destination', folder];
  const said = execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  const file = join(folder, said.split('\n').at(-1));
  const tarball = readFileSync(file);
  rmSync(file);
  return tarball;
}

/**
 * A file of a package.
 * @param what what an error calls it
 * @throws Error when the package is not the one that was pinned, or has no such file
 */
export async function fileIn(tarball, wanted, integrity, what) {
  const found = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  if (found !== integrity) throw new Error(`${what} is not the one that is pinned: ${found}`);
  const reader = extract();
  let bytes;
  reader.on('entry', async ({ name }, stream, next) => {
    const chunks = [];
    for await (const chunk of stream) if (name === wanted) chunks.push(chunk);
    if (name === wanted) bytes = Buffer.concat(chunks);
    next();
  });
  reader.end(gunzipSync(tarball));
  await once(reader, 'finish');
  if (!bytes) throw new Error(`there is no ${wanted} in ${what}`);
  return bytes;
}
