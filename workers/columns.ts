const doubles = 7;
const words = 3;
const counts = 2;

type Column = Float64Array | Uint32Array | Uint16Array;

/** The shared memory of a ledger: a head, then an array for each field of its rows. */
export class Columns {
  static readonly rowBytes: number = doubles * 8 + words * 4 + 2;
  readonly buffer: SharedArrayBuffer;
  protected readonly slots: number;
  protected readonly columns: Column[] = [];
  /** Rows in use, and looks at the portal. */
  protected readonly header: Uint32Array;
  protected readonly mac: Float64Array;
  protected readonly baseUp: Float64Array;
  protected readonly baseDown: Float64Array;
  protected readonly lastUp: Float64Array;
  protected readonly lastDown: Float64Array;
  protected readonly takenUp: Float64Array;
  protected readonly takenDown: Float64Array;
  protected readonly ip: Uint32Array;
  protected readonly epoch: Uint32Array;
  /** The look in which a client was there last. */
  protected readonly seen: Uint32Array;
  protected readonly flags: Uint16Array;

  /** `headerBytes`: a multiple of 8. */
  constructor(buffer: SharedArrayBuffer, headerBytes: number) {
    this.buffer = buffer;
    this.slots = Math.floor((buffer.byteLength - headerBytes) / Columns.rowBytes);
    let at = headerBytes;
    const column = <T extends Column>(
      make: new (b: SharedArrayBuffer, at: number, n: number) => T,
      size: number,
    ): T => {
      const view = new make(buffer, at, this.slots);
      at += this.slots * size;
      this.columns.push(view);
      return view;
    };
    this.header = new Uint32Array(buffer, 0, counts);
    this.mac = column(Float64Array, 8);
    this.baseUp = column(Float64Array, 8);
    this.baseDown = column(Float64Array, 8);
    this.lastUp = column(Float64Array, 8);
    this.lastDown = column(Float64Array, 8);
    this.takenUp = column(Float64Array, 8);
    this.takenDown = column(Float64Array, 8);
    this.ip = column(Uint32Array, 4);
    this.epoch = column(Uint32Array, 4);
    this.seen = column(Uint32Array, 4);
    this.flags = column(Uint16Array, 2);
  }
}
