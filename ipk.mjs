// The container of OpenWrt's packages up to 24.10: the same files give the same bytes.
import { gzipSync } from 'node:zlib';
import { tarOf } from './archive.mjs';

const text = (content, mode = 0o644) => ({ mode, bytes: Buffer.from(content) });

// opkg runs these around the package's own files; the functions come with OpenWrt.
const standard = (name, first = '') => `#!/bin/sh
[ "\${IPKG_NO_SCRIPT}" = "1" ] && exit 0
${first}[ -s "\${IPKG_INSTROOT}/lib/functions.sh" ] || exit 0
. "\${IPKG_INSTROOT}/lib/functions.sh"
default_${name} "$0" "$@"
`;

/**
 * A package: `data` is `{ [path]: { mode, bytes } }`, `scripts` what is run besides OpenWrt's own, in lines of a shell:
 * `preinst` before anything is installed, `prerm` before OpenWrt's own at a removal.
 * @returns its bytes, and how many are installed
 */
export async function ipkOf({ name, version, release, depends, description, data, ...rest }) {
  const { provides, licence, section, conffiles = [], scripts = {} } = rest;
  const installed = Object.values(data).reduce((sum, { bytes }) => sum + bytes.length, 0);
  const more = provides === undefined ? '' : `Provides: ${provides}\n`;
  const control = {
    control: text(
      `Package: ${name}\nVersion: ${version}-${release}\nDepends: ${['libc', ...depends].join(', ')}\n${more}License: ${licence}\nSection: ${section}\nArchitecture: all\nInstalled-Size: ${installed}\nDescription: ${description}\n`,
    ),
    ...(conffiles.length > 0 && { conffiles: text(`${conffiles.join('\n')}\n`) }),
    ...(scripts.preinst && { preinst: text(`#!/bin/sh\n${scripts.preinst}`, 0o755) }),
    postinst: text(standard('postinst'), 0o755),
    prerm: text(standard('prerm', scripts.prerm), 0o755),
  };
  const bytes = await zipped({
    'debian-binary': text('2.0\n'),
    'control.tar.gz': { mode: 0o644, bytes: await zipped(control) },
    'data.tar.gz': { mode: 0o644, bytes: await zipped(data) },
  });
  return { bytes, installed };
}

async function zipped(entries) {
  return gzipSync(await tarOf(entries), { level: 9 });
}
