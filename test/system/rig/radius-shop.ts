import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { SimulatedPortal } from '../../../packages/simulators/portal.js';
import type { Mac } from '../../../src/domain/mac.js';
import { opennds } from '../../../src/portals/opennds/dialect.js';
import { type DaemonProcess, shop, startProcess } from '../../rig/daemon.js';
import { type RadiusServer, RadiusService } from './radius-service.js';

/** The daemon as the NAS of a FreeRADIUS; the portal is the simulated one, which says how much each client moved. */
export class RadiusShop<S extends RadiusServer> {
  readonly radius: RadiusService<S>;
  readonly portal: SimulatedPortal;
  readonly daemon: DaemonProcess;
  readonly #dir: string;

  private constructor(radius: RadiusService<S>, portal: SimulatedPortal, daemon: DaemonProcess, dir: string) {
    this.radius = radius;
    this.portal = portal;
    this.daemon = daemon;
    this.#dir = dir;
  }

  /** @param more options of the section `radius`, a line each */
  static async open<S extends RadiusServer>(
    begin: () => Promise<S>,
    ...more: string[]
  ): Promise<RadiusShop<S>> {
    const radius = await RadiusService.start(begin);
    const dir = mkdtempSync(join(tmpdir(), 'turnpike-radius-'));
    const portal = new SimulatedPortal(opennds, join(dir, 'nds.sock'));
    try {
      await portal.start();
      const options = { secrets: radius.secrets, flushInterval: '1s' };
      const daemon = await startProcess(sections(radius, dir, more), options);
      return new RadiusShop(radius, portal, daemon, dir);
    } catch (cause) {
      await portal.stop();
      await radius.close();
      rmSync(dir, { recursive: true });
      throw cause;
    }
  }

  /** Writes the configuration for the next `reload` or start. @param more as of {@link open} */
  configure(...more: string[]): void {
    this.daemon.configure(sections(this.radius, this.#dir, more));
  }

  /** A device comes and logs in. @param n its number, from 1 to 254 */
  logIn(n: number, user: string, password: string): Promise<Table> {
    this.portal.join(macOf(n), addressOf(n));
    return this.radius.logIn(this.daemon, macOf(n), user, password);
  }

  sessionOf({ id }: Table): Promise<Table> {
    return this.daemon.call('session', { id });
  }

  async close(): Promise<void> {
    await this.daemon.close();
    await this.portal.stop();
    await this.radius.close();
    rmSync(this.#dir, { recursive: true });
  }
}

/** The MAC address of a device. */
export const macOf = (n: number): Mac => `02:51:00:00:00:${n.toString(16).padStart(2, '0')}` as Mac;

/** The address of a device. */
export const addressOf = (n: number): string => `10.51.0.${n}`;

function sections(radius: RadiusService<RadiusServer>, dir: string, more: readonly string[]): string {
  return shop(join(dir, 'nds.sock'), ["poll_max '300ms'"]) + radius.section(...more);
}
