// A portal whose own rules are gone, as `status` shows it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Health } from '../../src/engine/health.js';
import { TestClock } from '../rig/clock.js';

const answered = {
  ok: true,
  readings: [],
  clients: 0,
  lag: 0,
  complete: true,
  unmetered: 0,
  tookMs: 1,
} as const;

function portal(over: { restart?: () => Promise<void> } = {}) {
  const lines: string[] = [];
  const clock = new TestClock();
  const log = (level: string, text: string) => void lines.push(`${level} ${text}`);
  return { lines, clock, health: new Health({ name: 'lan', clock, log, restart: undefined, ...over }) };
}

test('status names the rules that are missing until they are back, and the log says it once', () => {
  const { health, lines } = portal();
  health.note(answered);
  health.missRules(['ip nds_filter ndsNET']);
  health.missRules(['ip nds_filter ndsNET']);
  health.note(answered);
  assert.is(health.status.error, 'its own rules are missing: ip nds_filter ndsNET');
  health.missRules([]);
  assert.is(health.status.error, '');
  assert.equal(lines.slice(1), [
    'warn lan: its own rules are missing: ip nds_filter ndsNET',
    'info lan: its own rules are back',
  ]);
});

test('with the option restart the portal is restarted once, and the log says so', () => {
  let restarts = 0;
  const { health, lines, clock } = portal({
    restart: async () => {
      restarts += 1;
    },
  });
  health.note(answered);
  health.missRules(['ip nat ndsOUT']);
  clock.now += 60_000;
  health.missRules([]);
  health.missRules(['ip nat ndsOUT']);
  assert.is(restarts, 1, 'not again and again');
  assert.is(health.status.restarts, 1);
  assert.ok(lines.includes('warn lan: restarting the portal'));
});

test('a portal that is being stopped has no rules, and is not started by turnpike', () => {
  let restarts = 0;
  const { health } = portal({
    restart: async () => {
      restarts += 1;
    },
  });
  health.missRules(['ip nat ndsOUT']);
  assert.is(restarts, 0);
});

test.run();
