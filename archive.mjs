// The tar in both containers of packages: the same entries give the same bytes, on every machine.
import { posix } from 'node:path';
import { pack } from 'tar-stream';

/** When everything in a package was made, and by whom. */
const common = { mtime: new Date(0), uid: 0, gid: 0, uname: 'root', gname: 'root' };

/**
 * A tar of `{ [path]: { mode, bytes } }`, in the order of the paths, each folder before what is in it.
 * @param prefix what stands before each path, `./` or nothing
 * @param recordsOf what is noted of a file in its extended header (POSIX pax), from its bytes; nothing where left out
 */
export async function tarOf(entries, { prefix = './', recordsOf } = {}) {
  const tar = pack();
  const folders = new Set();
  const paths = Object.keys(entries).map((path) => [posix.normalize(path), path]);
  for (const [name, path] of paths.sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const folder of parentsOf(name)) {
      if (folders.has(folder)) continue;
      folders.add(folder);
      tar.entry({ ...common, name: `${prefix}${folder}/`, type: 'directory', mode: 0o755 });
    }
    const { mode, bytes } = entries[path];
    tar.entry({ ...common, name: prefix + name, mode, ...(recordsOf && { pax: recordsOf(bytes) }) }, bytes);
  }
  tar.finalize();
  const chunks = [];
  for await (const chunk of tar) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The folders above a path, the outermost first. */
function parentsOf(path) {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}
