// A client that speaks the wire format itself, and may be rude.
import { createConnection } from 'node:net';
import {
  attr,
  type BlobWriter,
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameSplitter,
  intOf,
  messageType,
} from 'openwrt-ubus/wire';

export interface RawPeer {
  send(type: number, seq: number, peer: number, write: (writer: BlobWriter) => void): void;
  /** The first message that `is` says yes to, of those that came or come. */
  next(is: (frame: Frame) => boolean): Promise<Frame>;
  /** Adds an object with the signature `signature`. @returns its number */
  offer(path: string, signature: Buffer): Promise<number>;
  close(): void;
}

export function rawPeer(socket: string): RawPeer {
  const stream = createConnection(socket);
  const splitter = new FrameSplitter();
  const frames: Frame[] = [];
  let wake: () => void = () => {};
  stream.on('data', (chunk) => {
    splitter.feed(chunk, (message) => frames.push(decodeFrame(Buffer.from(message))));
    wake();
  });
  const self: RawPeer = {
    send: (type, seq, peer, write) => stream.write(encodeFrame(type, seq, peer, write)),
    async next(is) {
      for (;;) {
        const at = frames.findIndex(is);
        if (at >= 0) return frames.splice(at, 1)[0]!;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async offer(path, signature) {
      self.send(messageType.addObject, 1, 0, (w) => {
        w.putText(attr.path, path);
        w.putRaw(attr.signature, signature);
      });
      const added = await self.next(({ type, seq }) => type === messageType.data && seq === 1);
      return intOf(added, attr.objectId)!;
    },
    close: () => stream.destroy(),
  };
  return self;
}
