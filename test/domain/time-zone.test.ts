// The router's own day, by the time zone as OpenWrt writes it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dayAt, parseTimeZone, utc } from '../../src/domain/time-zone.js';
import fc from '../rig/properties.js';

const at = (text: string) => Date.parse(text);
/** `/etc/TZ` -> the zone that a computer knows by name. */
const zones: [posix: string, name: string][] = [
  ['CET-1CEST,M3.5.0,M10.5.0/3', 'Europe/Berlin'],
  ['EST5EDT,M3.2.0,M11.1.0', 'America/New_York'],
  ['<-03>3', 'America/Sao_Paulo'],
  ['IST-5:30', 'Asia/Kolkata'],
  ['EAT-3', 'Africa/Nairobi'],
  ['AEST-10AEDT,M10.1.0,M4.1.0/3', 'Australia/Sydney'],
  ['UTC0', 'UTC'],
];

for (const [posix, name] of zones) {
  const zone = parseTimeZone(posix)!;
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: name });

  test(`a day in ${name} has the name that its people give it, and ends at their midnight`, () => {
    fc.assert(
      fc.property(fc.integer({ min: at('2024-01-01'), max: at('2029-12-31') }), (when) => {
        const { name: day, end } = dayAt(when, zone);
        assert.is(day, format.format(when));
        assert.is(format.format(end - 1), day);
        assert.is.not(format.format(end), day);
      }),
      { numRuns: 300 },
    );
  });
}

test('days without a change of clocks have 24 hours, those with one 23 or 25', () => {
  const zone = parseTimeZone('CET-1CEST,M3.5.0,M10.5.0/3')!;
  const length = (day: string) => {
    const { end } = dayAt(at(`${day}T12:00:00Z`), zone);
    return (end - dayAt(at(`${day}T12:00:00Z`) - 86_400_000, zone).end) / 3_600_000;
  };
  assert.equal([length('2026-03-28'), length('2026-03-29'), length('2026-10-25')], [24, 23, 25]);
});

test('rules by the day of the year are understood', () => {
  const zone = parseTimeZone('XST0XDT,J60/0,300/0')!;
  for (const year of [2027, 2028]) {
    assert.is(zone(Date.UTC(year, 2, 1) - 1), 0, 'J60 is the 1st of March, leap year or not');
    assert.is(zone(Date.UTC(year, 2, 1)), 3_600_000);
  }
  assert.is(zone(Date.UTC(2027, 0, 301) - 3_600_000), 0);
});

test('what is no time zone is none', () => {
  for (const text of ['', 'Europe/Berlin', 'CET', 'CET-1CEST,M3.5.0', 'CET-1CEST,M3.6.0,M10.5.0', '1'])
    assert.is(parseTimeZone(text), undefined, text);
  assert.is(utc(0), 0);
});

test.run();
