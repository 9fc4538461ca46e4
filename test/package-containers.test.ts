// What is in a package for apk, byte for byte; real apk and opkg take ours in test/system/packages.test.ts.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

interface Container {
  apkOf(about: object): Promise<{ bytes: Buffer; installed: number }>;
}
const { apkOf } = (await import(pathToFileURL(resolve('apk.mjs')).href)) as Container;

const file = (content: string, mode = 0o644) => ({ mode, bytes: Buffer.from(content) });
const example = {
  name: 'example',
  version: '1.2.3',
  release: 4,
  depends: ['node', 'ubus'],
  licence: 'MIT',
  description: 'An example',
  conffiles: ['/etc/config/example'],
  scripts: { prerm: 'echo before removal\n', postupgrade: 'echo after upgrade\n' },
  data: {
    './usr/bin/example': file('#!/bin/sh\n', 0o755),
    './etc/config/example': file('config example\n'),
  },
};

const digest = (algorithm: string, bytes: Buffer | string) =>
  createHash(algorithm).update(bytes).digest('hex');

/** Where the second gzip member begins: each begins with these bytes, and only one place makes two whole members. */
function members(bytes: Buffer): [Buffer, Buffer] {
  const magic = Buffer.from([0x1f, 0x8b, 0x08, 0x00]);
  for (let at = bytes.indexOf(magic, 1); at > 0; at = bytes.indexOf(magic, at + 1)) {
    try {
      gunzipSync(bytes.subarray(0, at));
      return [bytes.subarray(0, at), bytes.subarray(at)];
    } catch {
      // The same bytes by chance.
    }
  }
  throw new Error('there is one member only');
}

async function entriesOf(tar: Buffer): Promise<{ header: Header; text: string }[]> {
  const entries: { header: Header; text: string }[] = [];
  const reader = extract();
  reader.end(tar);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    entries.push({ header: entry.header, text: Buffer.concat(chunks).toString() });
  }
  return entries;
}

const { bytes, installed } = await apkOf(example);
const [about, inside] = members(bytes);
const control = await entriesOf(Buffer.concat([gunzipSync(about), Buffer.alloc(1024)]));
const files = await entriesOf(gunzipSync(inside));
const textOf = (name: string) => control.find(({ header }) => header.name === name)?.text ?? '';

test('the same files give the same package, in whatever order they are named', async () => {
  const turned = Object.fromEntries(Object.entries(example.data).reverse());
  assert.ok((await apkOf({ ...example, data: turned })).bytes.equals(bytes));
});

test('what is about the package comes first, without an end, and names the hash of the rest', () => {
  const tar = gunzipSync(about);
  assert.is(tar.length % 512, 0);
  // The last block is the end of a script, and not of an archive.
  assert.not(tar.subarray(-512).equals(Buffer.alloc(512)));
  assert.is(
    textOf('.PKGINFO'),
    [
      'pkgname = example',
      'pkgver = 1.2.3-r4',
      'pkgdesc = An example',
      `size = ${installed}`,
      'arch = noarch',
      'license = MIT',
      'depend = libc',
      'depend = node',
      'depend = ubus',
      `datahash = ${digest('sha256', inside)}`,
      '',
    ].join('\n'),
  );
});

test('each folder comes before what is in it, and all is root’s and of no time', () => {
  assert.equal(
    files.map(({ header }) => header.name),
    [
      'etc/',
      'etc/config/',
      'etc/config/example',
      'lib/',
      'lib/apk/',
      'lib/apk/packages/',
      'lib/apk/packages/example.conffiles',
      'lib/apk/packages/example.conffiles_static',
      'lib/apk/packages/example.list',
      'usr/',
      'usr/bin/',
      'usr/bin/example',
    ],
  );
  for (const { header } of [...control, ...files]) {
    assert.equal([header.uid, header.gid, header.uname, header.gname], [0, 0, 'root', 'root']);
    assert.is(header.mtime!.getTime(), 0);
    assert.is(header.type, header.name.endsWith('/') ? 'directory' : 'file');
  }
  assert.is(files.find(({ header }) => header.name === 'usr/bin/example')?.header.mode, 0o755);
});

test('each file has the checksum by which apk knows whether it was changed', () => {
  const regular = files.filter(({ header }) => header.type === 'file');
  assert.is(regular.length, 5);
  for (const { header, text } of regular) {
    const pax = header.pax as Record<string, string>;
    assert.equal(pax['APK-TOOLS.checksum.SHA1'], digest('sha1', text), header.name);
  }
});

test('OpenWrt finds what the package installs and which files are the owner’s', () => {
  const list = (ending: string) =>
    files.find(({ header }) => header.name === `lib/apk/packages/example.${ending}`)?.text;
  assert.is(list('list'), '/etc/config/example\n/usr/bin/example\n');
  assert.is(list('conffiles'), '/etc/config/example\n');
  const known = digest('sha256', example.data['./etc/config/example'].bytes);
  assert.is(list('conffiles_static'), `/etc/config/example ${known}\n`);
});

test('the package’s own lines come before OpenWrt’s at a removal, and after them at an upgrade', () => {
  const order = (name: string, ...words: string[]) => {
    const at = words.map((word) => textOf(name).indexOf(word));
    assert.ok(at[0]! > 0, name);
    assert.equal(
      [...at].sort((a, b) => a - b),
      at,
      name,
    );
  };
  order('.pre-deinstall', 'echo before removal', 'pkgname="example"', 'default_prerm');
  order('.post-upgrade', 'PKG_UPGRADE=1', 'default_postinst', 'echo after upgrade');
  order('.post-install', 'pkgname="example"', 'default_postinst');
  assert.not.match(textOf('.post-install'), 'PKG_UPGRADE');
  for (const { header } of control.slice(1)) assert.is(header.mode, 0o755, header.name);
});

test('a package that looks before it is installed does so before an upgrade, too', async () => {
  const made = await apkOf({ ...example, scripts: { preinst: 'echo looks\n' } });
  const scripts = await entriesOf(Buffer.concat([gunzipSync(members(made.bytes)[0]), Buffer.alloc(1024)]));
  const looking = scripts.filter(({ text }) => text.includes('echo looks'));
  assert.equal(
    looking.map(({ header }) => header.name),
    ['.pre-install', '.pre-upgrade'],
  );
});

test.run();
