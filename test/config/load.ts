import { formatFaults } from '../../src/config/fault.js';
import { type Config, loadConfig } from '../../src/wiring/schema.js';

export const gateway = "config gateway 'lan'\n\toption type 'opennds'\n";

export function faultsOf(text: string): string[] {
  const result = loadConfig(text, 'f');
  return result.ok ? [] : result.faults.map((f) => `${f.line} ${f.option ?? ''} ${f.code}`);
}

export function load(text: string): Config {
  const result = loadConfig(text, 'f');
  if (!result.ok) throw new Error(formatFaults(result.faults));
  return result.config;
}
