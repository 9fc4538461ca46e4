// Words that several methods share.

/** An argument that a call cannot go without. */
export const needed = (text) => `**Needed.** ${text}`;

export const mac = 'The device, as `02:00:00:00:00:01` or `02-00-00-00-00-01`.';
export const gateway =
  'The configured portal (a section `gateway`) that lists the device. Only needed where there are several portals and none lists it yet.';
export const user = 'A login name. It counts devices: a user has as many at once as the plan allows.';
export const key =
  '1 to 128 printable characters without spaces. The same key with the same content has the same answer and does nothing again.';
export const sessionNames = 'One of `id`, `mac` and `user` is needed; the first of them counts.';

/** What every list takes. @param sorts what it can be sorted by */
export const listed = (sorts) => ({
  search: 'Those that have this word in what people know them by; `|` between words of which one is enough.',
  sort: `${sorts}; with \`-\` in front the other way round.`,
  offset: 'How many of the list are left out in front. Not with `after`.',
});
