// fast-check, with the failed assertion in its report: uvu prints no `cause`.
import fc from 'fast-check';

fc.configureGlobal({ includeErrorInReport: true });

export default fc;
