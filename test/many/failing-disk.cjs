// Loaded into the daemon before its own code: calls that change what is below FAILING_DISK fail as the file FAILING_DISK.fault
// says. `names`: no name can be made, as without an inode; `CODE AFTER CALLS KILL`: after so many calls so many get this
// error, and the process dies at the call KILL, where that is a number; else the code of the error that each of them gets.
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

/** The fault that is counted, and the calls since it is there. */
let [counted, calls] = ['', 0];

/** The code of the error that this call gets; nothing where it works. */
function codeOf(fault) {
  const [code, after, most, kill] = fault.split(' ');
  if (after === undefined) return code;
  if (fault !== counted) [counted, calls] = [fault, 0];
  const at = calls++;
  if (at === Number(kill)) process.kill(process.pid, 'SIGKILL');
  return at >= Number(after) && at < Number(after) + Number(most) ? code : '';
}

function fail(call, isName) {
  const fault = codeOf(faultNow());
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

const openLater = fs.promises.open;
fs.promises.open = async (path, ...rest) => {
  const handle = await openLater(path, ...rest);
  if (!below(path)) return handle;
  const real = handle.sync.bind(handle);
  handle.sync = async () => {
    fail('fsync', false);
    return real();
  };
  return handle;
};

syncBuiltinESMExports();
