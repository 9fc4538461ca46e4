// Loaded into the daemon before its own code: calls that change what is below FAILING_DISK fail as the file FAILING_DISK.fault
// says. `names`: no name can be made, as without an inode; else the code of the error that each of them gets.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const root = process.env.FAILING_DISK;
const read = fs.readFileSync;

function faultNow() {
  try {
    return read(`${root}.fault`, 'utf8');
  } catch {
    return '';
  }
}

function failure(code, call) {
  return Object.assign(new Error(`${code}: simulated, ${call}`), { code });
}

const below = (path) => String(path).startsWith(root);
/** Descriptors of files below it. */
const own = new Set();

function fail(call, isName) {
  const fault = faultNow();
  if (fault === 'names' ? isName : fault !== '') throw failure(fault === 'names' ? 'ENOSPC' : fault, call);
}

const open = fs.openSync;
fs.openSync = (path, flags = 'r', ...rest) => {
  if (below(path) && flags !== 'r') fail('open', String(flags).includes('x'));
  const fd = open(path, flags, ...rest);
  if (below(path)) own.add(fd);
  else own.delete(fd);
  return fd;
};

for (const [name, isName] of [
  ['mkdirSync', true],
  ['symlinkSync', true],
  ['renameSync', false],
  ['unlinkSync', false],
]) {
  const real = fs[name];
  fs[name] = (path, ...rest) => {
    // Of a link the first is what it says.
    if (below(name === 'symlinkSync' ? rest[0] : path)) fail(name, isName);
    return real(path, ...rest);
  };
}

for (const name of ['writeSync', 'ftruncateSync']) {
  const real = fs[name];
  fs[name] = (fd, ...rest) => {
    if (own.has(fd)) fail(name, false);
    return real(fd, ...rest);
  };
}

const sync = fs.fdatasync;
fs.fdatasync = (fd, done) => {
  try {
    if (own.has(fd)) fail('fdatasync', false);
  } catch (cause) {
    process.nextTick(done, cause);
    return;
  }
  sync(fd, done);
};

syncBuiltinESMExports();
