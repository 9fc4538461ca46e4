/** Put in by the bundler from package.json; a build for tests has none. */
declare const TURNPIKE_VERSION: string | undefined;

export const version = typeof TURNPIKE_VERSION === 'string' ? TURNPIKE_VERSION : 'dev';
