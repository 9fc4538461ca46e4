// fast-check, with the failed assertion in its report: uvu prints no `cause`. Every run draws the same cases, so that a
// green tree stays green; `npm run explore` draws others, and what it finds becomes an example of its test.
import fc from 'fast-check';

const seed = Number(process.env.PROPERTY_SEED ?? 1);

fc.configureGlobal({ includeErrorInReport: true, seed });

export default fc;
