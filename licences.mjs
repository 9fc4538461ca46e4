// Of what npm's packages bring into the bundles: their licences' texts, for the package, and a bill of materials.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ofPackage = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const isLicence = (file) => /^(?:un)?licen[cs]e\b|^(?:copying|notice)\b/i.test(file);

/** What the text is of those who say so in no field of their package. */
const unsaid = { radius: 'BSD-3-Clause' };

/** What package.json puts in the place of a native package: it has no line of code. */
const nothing = 'empty-npm-package';

/** The folders of npm's packages from which something is in a file that esbuild has written. */
export function foldersIn(outputs) {
  const inputs = outputs.flatMap(({ inputs: all }) => Object.entries(all));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return used.flatMap(([path]) => ofPackage.exec(path)?.[0] ?? []);
}

/**
 * What is in these folders: name, version, SPDX licence, and the texts that its authors ask to pass on.
 * @throws for a package that has none: it must not be bundled before somebody has found out
 */
export function packagesIn(root, folders) {
  const found = [...new Set(folders)].flatMap((folder) => {
    const described = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const { name, version, license = unsaid[name] } = described;
    if (name === nothing) return [];
    const files = readdirSync(join(root, folder)).filter(isLicence).sort();
    const text = files.map((file) => readFileSync(join(root, folder, file), 'utf8').trim()).join('\n\n');
    if (!license || text === '') throw new Error(`${folder} has no licence: see whether it may be passed on`);
    return { name, version, license, text: text.replaceAll('\r', '') };
  });
  const once = new Map(found.map((one) => [`${one.name}@${one.version}`, one]));
  return [...once.keys()].sort().map((key) => once.get(key));
}

/** Our licence and theirs; a text that several have stands there once. */
export function licencesOf(own, packages) {
  const texts = new Map();
  for (const { name, version, license, text } of packages) {
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...texts].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  const line = `\n${'-'.repeat(80)}\n\n`;
  return [`turnpike (Apache-2.0), with parts of the packages below\n\n${own.trim()}\n`, ...parts].join(line);
}

/** A bill of materials in the form of CycloneDX 1.5 (cyclonedx.org), without a time: the same sources give the same bytes. */
export function billOf(version, packages) {
  const licensed = (licence) =>
    /^[\w.-]+$/.test(licence) ? { license: { id: licence } } : { expression: licence };
  const component = (type, prefix, { name, version: its, license }) => {
    const purl = `pkg:${prefix}/${name.replace('@', '%40')}@${its}`;
    return { type, 'bom-ref': purl, name, version: its, licenses: [licensed(license)], purl };
  };
  const own = component('application', 'generic', { name: 'turnpike', version, license: 'Apache-2.0' });
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: own },
    components: packages.map((one) => component('library', 'npm', one)),
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}
