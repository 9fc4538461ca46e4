import type { Service } from '../api/service.js';
import type { View } from '../api/view.js';
import type { Engine } from '../engine/engine.js';
import type { Log } from '../ports/log.js';
import type { Notice } from '../ports/notice.js';
import type { KernelMaking } from './kernel.js';
import type { Members } from './members.js';
import type { ConfigResult } from './schema.js';
import type { SetupPlace } from './setup.js';
import type { DeviceFinder } from './web.js';

/** What a daemon is started with. */
export interface DaemonOptions {
  /** Reads the configuration; called again by `reload`. */
  readonly load: () => ConfigResult;
  readonly log: Log;
  /** The worker's file of this build. */
  readonly worker: URL;
  /** The members of the seams. @default those of the registries */
  readonly members?: Members;
  /** Stands in for the table in the kernel. @default nft, where it is switched on */
  readonly kernel?: KernelMaking;
  /** Turnpike's own configuration and OpenWrt's `uci`, for the method `setup`. @default it refuses */
  readonly place?: SetupPlace;
  /** Tells whose address asks for the page. @default the kernel's table of neighbours */
  readonly devices?: DeviceFinder;
  /** Hears every notice, as ubus does. */
  readonly onNotice?: (notice: Notice) => void;
}

/** A daemon at work. */
export interface Daemon {
  readonly engine: Engine;
  readonly service: Service;
  reload(): Promise<View>;
  /** Drains: the turns under way end, all usage is written. Gates stay as they are. */
  stop(): Promise<void>;
}
