// What a test file leaves on the machine after its end, which is taken away and held against it.
import { readdirSync, readFileSync, rmSync } from 'node:fs';

const numbered = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // It is gone, or not ours.
  }
}

/** A process that has ended and that nobody has asked after yet is in the list, and no more than that. */
function stateOf(pid) {
  // proc(5): pid (name) state parent group
  const [state, , group] = read(`/proc/${pid}/stat`).split(') ').at(-1).split(' ');
  return { lives: state !== undefined && state !== '' && state !== 'Z', group: Number(group) };
}

const commandOf = (pid) => read(`/proc/${pid}/cmdline`).split('\0').join(' ').trim().slice(0, 80);

/**
 * Living processes of this group, and those that left it and were started with this `TMPDIR`. One without a command has
 * given back its memory: it is on its way out.
 */
function processesOf(group, folder) {
  return numbered().filter((pid) => {
    const { lives, group: own } = stateOf(pid);
    const isOurs = own === group || read(`/proc/${pid}/environ`).split('\0').includes(`TMPDIR=${folder}`);
    return lives && isOurs && commandOf(pid) !== '';
  });
}

/** Ends the processes of a test file. @returns how those that still lived were called */
export function endProcesses(group, folder) {
  const found = processesOf(group, folder);
  const commands = found.map(commandOf);
  for (const pid of [-group, ...found.map(Number)]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  return commands;
}

/** Takes the folder for temporary files away. @returns what was in it */
export function removeFolder(folder) {
  const found = readdirSync(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  return found;
}

const list = (folder) => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Network namespaces with a name, and links outside of any: these outlive the processes that made them. */
export const networks = () => [
  ...list('/run/netns').map((name) => `network namespace ${name}`),
  ...list('/sys/class/net').map((name) => `link ${name}`),
];
