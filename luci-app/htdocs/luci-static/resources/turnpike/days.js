'use strict';
'require baseclass';

// Days of the reader's clock, in steps of an hour. A day of 23 or 25 hours is one day.

const hour = 3600;

/** Midnight of the day that is `days` from that of `now`. */
function midnight(now, days) {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
}

const begins = {
  today: (now) => midnight(now, 0),
  yesterday: (now) => midnight(now, -1),
  week: (now) => midnight(now, -((now.getDay() + 6) % 7)),
  month: (now) => new Date(now.getFullYear(), now.getMonth(), 1),
};

/** The span in Unix seconds, from midnight to midnight. */
function range(span, now) {
  const unix = (date) => date.getTime() / 1000;
  const end = span === 'yesterday' ? midnight(now, 0) : midnight(now, 1);
  return { from: unix(begins[span](now)), to: unix(end), step: hour };
}

/** `2026-11-23` by the reader's clock. */
function dateOf(at) {
  const date = new Date(at * 1000);
  const two = (part) => String(part).padStart(2, '0');
  return [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
}

/** The rows of one day each; `sum` adds amounts of money. */
function byDay(series, sum) {
  const days = new Map();
  for (const row of series) {
    const day = dateOf(row.at);
    days.set(day, [...(days.get(day) ?? []), row]);
  }
  return Array.from(days.values(), (rows) => {
    const all = (name) => rows.reduce((total, row) => total + row[name], 0);
    return {
      at: rows[0].at,
      revenue: sum(rows.flatMap((row) => row.revenue)),
      up_bytes: all('up_bytes'),
      down_bytes: all('down_bytes'),
      sessions: all('sessions'),
    };
  });
}

return baseclass.extend({ range, byDay, dateOf });
