import { readdirSync, readFileSync } from 'node:fs';

/** A process that another one has started, dead ones too until somebody asks after them. */
export interface Child {
  readonly pid: number;
  /** Its words, each with a NUL behind it; none when it is dead. */
  readonly command: string;
  /** What `/proc/PID/stat` says from the state on (proc(5)): state, parent, group and so on. */
  readonly stat: readonly string[];
}

/** What all threads of a process have started and what is still there, by the numbers of processes. */
export function childrenOf(parent: number): Child[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.flatMap((pid) => {
    try {
      const stat = statIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      if (Number(stat[1]) !== parent) return [];
      return [{ pid, stat, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }];
    } catch {
      return []; // It has ended meanwhile.
    }
  });
}

/** The words of `/proc/PID/stat` behind the process's name, which may have anything in it. */
export function statIn(text: string): string[] {
  return text.slice(text.lastIndexOf(') ') + 2).split(' ');
}
