// What is misspelt in the file of the secrets is said, as it is in the configuration.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatFaults } from '../../src/config/fault.js';
import { loadConfig } from '../../src/wiring/schema.js';
import { gateway } from './load.js';

/** The faults of a configuration that needs no secrets, with this file beside it. */
function faultsOf(secrets: string, more = ''): string {
  const result = loadConfig(gateway + more, 'f', { text: secrets, file: 'turnpike_secrets' });
  return result.ok ? '' : formatFaults(result.faults);
}

test('a secret for a section that there cannot be is a fault with file, line and section', () => {
  assert.is(
    faultsOf("\nconfig secret 'raduis'\n\toption secret 'hush-hush'\n"),
    "turnpike_secrets:2: secret 'raduis': no section 'raduis' has secrets (did you mean 'radius'?) (unknown_section)",
  );
  assert.match(faultsOf("config secret 'lan'\n"), "no section 'lan' has secrets (unknown_section)");
  assert.match(faultsOf('config secret\n'), 'needs the name of the section that it is for');
});

test('a section of another type in the file of the secrets is a fault', () => {
  assert.is(
    faultsOf("config secrets 'radius'\n\toption secret 'hush-hush'\n"),
    "turnpike_secrets:1: secrets 'radius': there is no section type 'secrets' here: secret (unknown_section)",
  );
});

test('a misspelt secret of a section that is switched off or not there is a fault', () => {
  const secret = "config secret 'radius'\n\toption sceret 'hush hush'\n";
  const wanted =
    "turnpike_secrets:2: secret 'radius': sceret: is not known here (did you mean 'secret'?) (unknown_option)";
  assert.is(faultsOf(secret), wanted);
  assert.is(faultsOf(secret, "config radius 'radius'\n\toption enabled '0'\n"), wanted);
});

test('secrets may be there before their section, as LuCI writes them', () => {
  assert.is(faultsOf("config secret 'radius'\n\toption secret 'hush-hush'\n"), '');
  assert.is(faultsOf("config secret 'radius'\n"), '');
  assert.is(faultsOf(''), '');
});

test('no fault shows what was given as a secret', () => {
  for (const text of [
    "config secret 'mqtt'\n\toption pasword 'hush'\n",
    "config secret 'x'\n\toption password 'hush'\n",
    "config secret 'escrow'\n\toption key 'hush'\n",
    "option password 'hush'\nhush hush hush\n",
  ]) {
    assert.is.not(faultsOf(text), '', text);
    assert.not.match(faultsOf(text), 'hush');
  }
});

test.run();
