// The container of OpenWrt's packages from 25.12: the older one of apk-tools, which version 3 takes, too. The same files
// give the same bytes. Two gzip members: about the package, and its files.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tarOf } from './archive.mjs';

const text = (content, mode = 0o644) => ({ mode, bytes: Buffer.from(content) });
const hash = (algorithm, bytes) => createHash(algorithm).update(bytes).digest('hex');

/** The tar of what is about the package goes on in that of its files: it has no end of its own (two blocks of zeros). */
const endBytes = 1024;

/**
 * A package, as {@link ipkOf} takes it; of `scripts` also `postupgrade`, what is run after OpenWrt's own at an upgrade:
 * apk runs nothing of the package before one.
 * @returns its bytes, and how many are installed
 */
export async function apkOf({ data, ...about }) {
  const files = { ...data, ...lists(about, data) };
  const installed = Object.values(files).reduce((sum, { bytes }) => sum + bytes.length, 0);
  // apk knows a file by this, and leaves one that was changed where it is.
  const recordsOf = (bytes) => ({ 'APK-TOOLS.checksum.SHA1': hash('sha1', bytes) });
  const inside = gzipSync(await tarOf(files, { prefix: '', recordsOf }), { level: 9 });
  const control = { '.PKGINFO': text(infoOf(about, installed, hash('sha256', inside))), ...scriptsOf(about) };
  const tar = await tarOf(control, { prefix: '' });
  return { bytes: Buffer.concat([gzipSync(tar.subarray(0, -endBytes), { level: 9 }), inside]), installed };
}

function infoOf({ name, version, release, depends, provides, licence, description }, installed, datahash) {
  const lines = [
    ['pkgname', name],
    ['pkgver', `${version}-r${release}`],
    ['pkgdesc', description],
    ['size', installed],
    ['arch', 'noarch'],
    ['license', licence],
    ...['libc', ...depends].map((one) => ['depend', one]),
    // Without a version: who has Node.js already keeps it.
    ...(provides === undefined ? [] : [['provides', provides]]),
    ['datahash', datahash],
  ];
  return lines.map(([key, value]) => `${key} = ${value}\n`).join('');
}

/** What OpenWrt's functions and sysupgrade look for: opkg keeps it itself, for apk it is in the package. */
function lists({ name, conffiles = [] }, data) {
  const file = (ending) => `lib/apk/packages/${name}.${ending}`;
  const lines = (all) => text(all.map((line) => `${line}\n`).join(''));
  const paths = Object.keys(data).map((path) => `/${posix.normalize(path)}`);
  const digest = (path) => hash('sha256', data[`.${path}`].bytes);
  return {
    [file('list')]: lines(paths.sort()),
    ...(conffiles.length > 0 && {
      [file('conffiles')]: lines(conffiles),
      [file('conffiles_static')]: lines(conffiles.map((path) => `${path} ${digest(path)}`)),
    }),
  };
}

/** As OpenWrt's own build makes them (package-pack.mk), but that `prerm` comes first, as with opkg. */
function scriptsOf({ name, scripts = {} }) {
  const standard = (call) => `[ -s "\${IPKG_INSTROOT}/lib/functions.sh" ] || exit 0
. "\${IPKG_INSTROOT}/lib/functions.sh"
export root="\${IPKG_INSTROOT}" pkgname="${name}"
${call}
`;
  const { preinst, prerm = '', postupgrade = '' } = scripts;
  const script = (...lines) => text(`#!/bin/sh\n${lines.join('')}`, 0o755);
  const skip = `[ "\${IPKG_NO_SCRIPT}" = "1" ] && exit 0\n`;
  return {
    ...(preinst && { '.pre-install': script(preinst), '.pre-upgrade': script(preinst) }),
    '.post-install': script(skip, standard('add_group_and_user\ndefault_postinst')),
    '.post-upgrade': script(
      skip,
      'export PKG_UPGRADE=1\n',
      standard('add_group_and_user\ndefault_postinst'),
      postupgrade,
    ),
    '.pre-deinstall': script(skip, prerm, standard('default_prerm')),
  };
}
