// Compiles the contracts and writes what the project keeps of them: npm run contracts.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const abiModule = join(folder, '../src/payments/wallet/abi.ts');

/** Contracts that somebody deploys: the escrow, and what its tests need. */
const deployed = [
  'SessionEscrow',
  'TestToken',
  'FeeToken',
  'HeavyToken',
  'FalseToken',
  'SilentToken',
  'ReentrantToken',
  'SmartWallet',
  'FickleWallet',
  'Multicall',
  'OldEscrow',
];

const settings = {
  optimizer: { enabled: true, runs: 1_000_000 },
  // Transient storage (EIP-1153) keeps the lock against re-entry.
  evmVersion: 'cancun',
  // No hash of the sources in the bytecode: a comment does not change it.
  metadata: { bytecodeHash: 'none', appendCBOR: false },
};

function sourcesIn(path = '') {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
    const name = path ? `${path}/${entry.name}` : entry.name;
    if (entry.isDirectory()) return sourcesIn(name);
    return name.endsWith('.sol') ? [name] : [];
  });
}

/**
 * Compiles everything in this folder.
 * @returns the text of each file that is kept, by its name in `artifacts/`; and `abi.ts`.
 */
export function compile() {
  const solc = createRequire(import.meta.url)('solc');
  const sources = Object.fromEntries(
    sourcesIn().map((name) => [name, { content: readFileSync(join(folder, name), 'utf8') }]),
  );
  const outputSelection = { '*': { '*': ['abi', 'evm.bytecode.object'] } };
  const input = { language: 'Solidity', sources, settings: { ...settings, outputSelection } };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const complaints = (output.errors ?? []).map((e) => e.formattedMessage);
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  const contracts = Object.assign({}, ...Object.values(output.contracts));
  const files = {};
  for (const name of deployed) {
    const { abi, evm } = contracts[name];
    const bytecode = `0x${evm.bytecode.object}`;
    const artifact = { contract: name, compiler: solc.version(), settings, abi, bytecode };
    files[`${name}.json`] = `${JSON.stringify(artifact, null, 2)}\n`;
  }
  return { files, abi: abiText(contracts.SessionEscrow.abi) };
}

function abiText(abi) {
  return [
    '// Written by `npm run contracts`.',
    '/** The ABI of contracts/SessionEscrow.sol, one entry a line. */',
    'export const sessionEscrowAbi = [',
    ...abi.map((entry) => `  ${JSON.stringify(entry)},`),
    '] as const;',
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files, abi } = compile();
  const artifacts = join(folder, 'artifacts');
  rmSync(artifacts, { recursive: true, force: true });
  mkdirSync(artifacts);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(artifacts, name), text);
  mkdirSync(dirname(abiModule), { recursive: true });
  writeFileSync(abiModule, abi);
}
