import { isAbsolute, relative } from 'node:path';
import type { UbusClient } from 'openwrt-ubus';
import { deviceAt } from '../simulators/device.js';
import type { Figures } from './figures.js';
import type { DemoOptions } from './options.js';
import { countSessions, runningSessions } from './sessions.js';
import { closedText, formatBytes, tableOf } from './table.js';
import type { Visitor } from './visitor.js';

/** What is to be seen of the demo. */
export interface Show {
  /** Milliseconds between two calls of `draw`. */
  readonly everyMs: number;
  begin(): void;
  draw(figures: Figures, bus: UbusClient): Promise<void>;
  /** Leaves the terminal as a shell wants it. */
  end(): void;
}

const print = (text: string): void => void process.stdout.write(text);

/** A table at a terminal, lines elsewhere, nothing where JSON is to come. */
export function showFor(options: DemoOptions, socket: string, visitor: Visitor): Show {
  if (options.json)
    return { everyMs: Number.POSITIVE_INFINITY, begin: () => {}, draw: async () => {}, end: () => {} };
  const words = wordsOf(options, socket, visitor);
  return process.stdout.isTTY && process.env.TERM !== 'dumb' ? tableShow(words) : lineShow(words);
}

/** What is said at the beginning. */
interface Words {
  readonly about: readonly string[];
  readonly ending: string;
  readonly commands: readonly string[];
}

function wordsOf({ clients, dialect, seconds }: DemoOptions, socket: string, { url, code }: Visitor): Words {
  const program = programName(process.argv[1] ?? 'turnpike');
  const commands = ['call status', 'sessions', `close ${deviceAt(0).mac}`];
  return {
    about: [
      `Simulated customers: ${clients}. They buy WiFi with cash, use it up, and come back for more.`,
      `turnpike meters them behind a simulated ${dialect.title} and stops each at its cap, to the byte.`,
      `Buy as a customer, in your browser: ${url} (voucher ${code})`,
    ],
    ending: Number.isFinite(seconds)
      ? `The demo ends by itself after ${seconds} s; Ctrl-C ends it now.`
      : 'The demo runs until you stop it with Ctrl-C.',
    commands: [
      'Try in another terminal, in this folder:',
      ...commands.map((command) => `  node ${program} ${command} --socket ${socket}`),
    ],
  };
}

/** The program as somebody in the same folder calls it. */
function programName(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') || isAbsolute(near) ? file : near;
}

function lineShow({ about, ending, commands }: Words): Show {
  return {
    everyMs: 2000,
    begin: () => print(`${[...about, ending, ...commands].join('\n')}\n`),
    draw: async (figures, bus) => {
      const { active } = await countSessions(bus);
      print(`${Math.floor(figures.seconds)} s: ${active} active, ${figureText(figures)}\n`);
    },
    end: () => {},
  };
}

const otherScreen = '\x1b[?1049h\x1b[?25l\x1b[2J';
const ownScreen = '\x1b[?25h\x1b[?1049l';
const home = '\x1b[H';
const clearLine = '\x1b[K';
const clearBelow = '\x1b[J';

function tableShow({ about, ending, commands }: Words): Show {
  const leave = () => {
    process.off('exit', leave);
    print(ownScreen);
  };
  return {
    everyMs: 500,
    begin() {
      process.once('exit', leave);
      print(otherScreen + home + [...about, ending].join('\n'));
    },
    async draw(figures, bus) {
      const above = [...about, ending, '', `${Math.floor(figures.seconds)} s: ${figureText(figures)}`, ''];
      const below = ['', ...commands];
      // A heading, and a line for those that find no room.
      const size = sizeOf(process.stdout);
      const room = Math.max(1, size.rows - rowsOf([...above, ...below], size.columns) - 2);
      const [rows, { running }] = await Promise.all([runningSessions(bus, room), countSessions(bus)]);
      print(screenOf([...above, ...tableOf(rows, running, room), ...below]));
    },
    end: leave,
  };
}

/** A whole screen, drawn over the one before, so that nothing flickers. Long lines are left to the terminal to wrap. */
function screenOf(lines: readonly string[]): string {
  return home + lines.map((line) => line + clearLine).join('\n') + clearBelow;
}

/** Some terminals do not say how large they are. */
function sizeOf({ columns, rows }: NodeJS.WriteStream): { columns: number; rows: number } {
  return { columns: columns || 80, rows: rows || 24 };
}

/** Rows that these lines take up. */
function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
}

function figureText({ sold, closed, pollMs, overshoot }: Figures): string {
  return `sold ${sold}, closed ${closedText(closed)}, poll ${pollMs.toFixed(1)} ms, largest overshoot ${formatBytes(overshoot)}`;
}

/** What is said when all has been taken down. */
export function lastWords({ seconds, sold, closed, overshoot }: Figures): string {
  return (
    `The demo has ended after ${Math.floor(seconds)} s. Sales: ${sold}. Sessions closed: ${closedText(closed)}. ` +
    `Largest overshoot of a data cap: ${formatBytes(overshoot)}. Nothing is left behind.`
  );
}
