// The container of OpenWrt's packages up to 24.10, which apk installs, too: the same files give the same bytes.
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

const text = (content, mode = 0o644) => ({ mode, bytes: Buffer.from(content) });

/**
 * A package: `data` is `{ [path]: { mode, bytes } }`; `preinst`, `postinst` and `prerm` are scripts, each optional.
 * @returns its bytes, and how many are installed
 */
export async function ipkOf({
  name,
  version,
  depends,
  provides,
  licence,
  section,
  description,
  conffiles = [],
  ...rest
}) {
  const { data } = rest;
  const installed = Object.values(data).reduce((sum, { bytes }) => sum + bytes.length, 0);
  const more = provides === undefined ? '' : `Provides: ${provides}\n`;
  const control = {
    control: text(
      `Package: ${name}\nVersion: ${version}\nDepends: libc, ${depends}\n${more}License: ${licence}\nSection: ${section}\nArchitecture: all\nInstalled-Size: ${installed}\nDescription: ${description}\n`,
    ),
    ...(conffiles.length > 0 && { conffiles: text(`${conffiles.join('\n')}\n`) }),
  };
  for (const script of ['preinst', 'postinst', 'prerm']) {
    if (rest[script] !== undefined) control[script] = text(rest[script], 0o755);
  }
  const ipk = await archive({
    'debian-binary': text('2.0\n'),
    'control.tar.gz': { mode: 0o644, bytes: await archive(control) },
    'data.tar.gz': { mode: 0o644, bytes: await archive(data) },
  });
  return { ipk, installed };
}

/** A gzipped tar of these entries, with nothing in it of the machine that made it. */
async function archive(entries) {
  const tar = pack();
  const directories = new Set();
  const common = { mtime: new Date(0), uid: 0, gid: 0, uname: 'root', gname: 'root' };
  for (const [name, { mode, bytes }] of Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (let dir = dirname(name), missing = []; ; dir = dirname(dir)) {
      if (dir === '.' || directories.has(dir)) {
        for (const one of missing.reverse())
          tar.entry({ ...common, name: `${one}/`, type: 'directory', mode: 0o755 });
        break;
      }
      directories.add(dir);
      missing.push(dir.startsWith('./') ? dir : `./${dir}`);
    }
    tar.entry({ ...common, name: name.startsWith('./') ? name : `./${name}`, mode }, bytes);
  }
  tar.finalize();
  const chunks = [];
  for await (const chunk of tar) chunks.push(chunk);
  return gzipSync(Buffer.concat(chunks), { level: 9 });
}
