import { headerLength } from '../authenticator.js';
import { RadiusError } from '../error.js';
import { longestPacket } from '../packet.js';

const lengthAt = 2;
/** Octets after which the length of a packet is known. */
const lengthKnown = 4;

/** Finds the packets in a stream of octets, where nothing but each one's length tells where the next begins. */
export class Framing {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * The packets that are whole now, as views of what came. At most one packet's octets are kept for later.
   * @throws {@link RadiusError} `bad_length`; nothing behind such a packet can be found (RFC 6613 §2.6.4)
   */
  *push(chunk: Buffer): Generator<Buffer> {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    while (bytes.length >= lengthKnown) {
      const length = bytes.readUInt16BE(lengthAt);
      if (length < headerLength || length > longestPacket)
        throw new RadiusError('bad_length', `a packet of ${length} octets`);
      if (bytes.length < length) break;
      yield bytes.subarray(0, length);
      bytes = bytes.subarray(length);
    }
    // A copy: a view would keep all of the chunk.
    this.#rest = Buffer.from(bytes);
  }
}
