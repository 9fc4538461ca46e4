import { basename, dirname } from 'node:path';
import type { Disk } from '../../src/store/disk.js';

interface Inode {
  bytes: Buffer;
  /** What a power cut leaves for sure. */
  durable: Buffer;
  /** A sync has failed: the pages are dropped, and later syncs say yes without writing them. */
  dropped: boolean;
}

/** Picks a whole number from 0 to `max`, both included. */
export type Pick = (max: number) => number;

function errno(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

/** A file system in memory that knows what is only in its page cache, and fails when told to. */
export class MemoryDisk implements Disk {
  names = new Map<string, Inode>();
  durableNames = new Map<string, Inode>();
  locks = new Map<string, string>();
  /** Called before every call that changes anything, with its name and file; throws to make it fail. */
  before: (call: string, file: string) => void = () => {};
  /** Bytes that may still be written. */
  room = Number.POSITIVE_INFINITY;
  #open = new Map<number, { inode: Inode; path: string }>();
  #nextFd = 3;

  /** Lets the named call fail with an errno from now on, so many times. */
  fail(named: string, code: string, times = 1): void {
    let left = times;
    this.before = (call) => {
      if (call === named && left-- > 0) throw errno(code);
    };
  }

  makeDirectory(path: string): void {
    this.before('makeDirectory', basename(path));
  }
  list(directory: string): string[] {
    return [...this.names.keys()].filter((p) => dirname(p) === directory).map((p) => basename(p));
  }
  size(path: string): number {
    return this.#inode(path).bytes.length;
  }
  read(path: string): Buffer {
    return Buffer.from(this.#inode(path).bytes);
  }
  head(path: string, length: number): Buffer {
    return this.read(path).subarray(0, length);
  }
  create(path: string): number {
    this.before('create', basename(path));
    if (this.names.has(path)) throw errno('EEXIST');
    const inode: Inode = { bytes: Buffer.alloc(0), durable: Buffer.alloc(0), dropped: false };
    this.names.set(path, inode);
    return this.#openInode(inode, path);
  }
  reopen(path: string): number {
    return this.#openInode(this.#inode(path), path);
  }
  write(fd: number, bytes: Uint8Array, at: number): number {
    const { inode, path } = this.#file(fd);
    this.before('write', basename(path));
    if (this.room <= 0) throw errno('ENOSPC');
    const part = bytes.subarray(0, this.room);
    this.room -= part.length;
    const size = Math.max(inode.bytes.length, at + part.length);
    const grown = Buffer.alloc(size);
    inode.bytes.copy(grown);
    grown.set(part, at);
    inode.bytes = grown;
    return part.length;
  }
  truncate(fd: number, size: number): void {
    const { inode, path } = this.#file(fd);
    this.before('truncate', basename(path));
    this.room += inode.bytes.length - size;
    inode.bytes = inode.bytes.subarray(0, size);
  }
  async sync(fd: number): Promise<void> {
    const { inode, path } = this.#file(fd);
    const now = inode.bytes;
    await Promise.resolve();
    try {
      this.before('sync', basename(path));
    } catch (cause) {
      inode.dropped = true;
      throw cause;
    }
    if (!inode.dropped) inode.durable = now;
  }
  close(fd: number): void {
    this.#file(fd);
    this.#open.delete(fd);
  }
  rename(from: string, to: string): void {
    this.before('rename', basename(to));
    const text = this.locks.get(from);
    if (text !== undefined) {
      this.locks.delete(from);
      this.locks.set(to, text);
      return;
    }
    const inode = this.#inode(from);
    this.room += this.names.get(to)?.bytes.length ?? 0;
    this.names.delete(from);
    this.names.set(to, inode);
  }
  remove(path: string): void {
    this.before('remove', basename(path));
    if (this.locks.delete(path)) return;
    const inode = this.#inode(path);
    this.room += inode.bytes.length;
    this.names.delete(path);
  }
  async syncDirectory(path: string): Promise<void> {
    const now = new Map(this.names);
    await Promise.resolve();
    this.before('syncDirectory', basename(path));
    this.durableNames = now;
  }
  link(text: string, path: string): void {
    this.before('link', basename(path));
    if (this.locks.has(path)) throw errno('EEXIST');
    this.locks.set(path, text);
  }
  readLink(path: string): string {
    const text = this.locks.get(path);
    if (text === undefined) throw errno('ENOENT');
    return text;
  }

  get openFiles(): number {
    return this.#open.size;
  }

  /** What the next process finds when this one is killed: everything that was written. */
  afterKill(): MemoryDisk {
    const next = new MemoryDisk();
    next.room = this.room;
    const copies = new Map<Inode, Inode>();
    const copy = (inode: Inode) => {
      const made = copies.get(inode) ?? { ...inode };
      copies.set(inode, made);
      return made;
    };
    for (const [path, inode] of this.names) next.names.set(path, copy(inode));
    for (const [path, inode] of this.durableNames) next.durableNames.set(path, copy(inode));
    return next;
  }

  /** What is left after a power cut: what was synced, and of everything else whatever `pick` decides. */
  afterPowerCut(pick: Pick): MemoryDisk {
    const next = new MemoryDisk();
    next.room = this.room;
    for (const path of new Set([...this.names.keys(), ...this.durableNames.keys()])) {
      const [now, then] = [this.names.get(path), this.durableNames.get(path)];
      const inode = now === then || pick(1) === 0 ? then : now;
      if (!inode) continue;
      const bytes = survivor(inode, pick);
      const kept = { bytes, durable: bytes, dropped: false };
      next.names.set(path, kept);
      next.durableNames.set(path, kept);
    }
    return next;
  }

  #openInode(inode: Inode, path: string): number {
    const fd = this.#nextFd++;
    this.#open.set(fd, { inode, path });
    return fd;
  }
  #file(fd: number): { inode: Inode; path: string } {
    const file = this.#open.get(fd);
    if (!file) throw errno('EBADF');
    return file;
  }
  #inode(path: string): Inode {
    const inode = this.names.get(path);
    if (!inode) throw errno('ENOENT');
    return inode;
  }
}

/** Contents after a power cut: at least what was synced, the rest in part, perhaps with zeros where data was to be. */
function survivor({ bytes, durable }: Inode, pick: Pick): Buffer {
  if (bytes.length <= durable.length) return pick(1) === 0 ? durable : bytes;
  const size = durable.length + pick(bytes.length - durable.length);
  const written = durable.length + pick(size - durable.length);
  const left = Buffer.alloc(size);
  bytes.copy(left, 0, 0, written);
  return left;
}
