/** One connection of the portable poller: cutting what was received, and the queue of what is to be sent. */
import type { Socket } from 'node:net';
import { assert } from '../../base/assert.js';
import type { RangeToken, SegmentEngine } from '../segment-engine.js';
import { type PortableSlab, SMALL_FRAME_BYTES_MAX } from './poller-slab.js';

/** Bytes handed to node's own queue before the rest waits for 'drain'. */
const WRITE_AHEAD_BYTES = 256 * 1024;
const RANGE_COPY_BYTES = 128 * 1024;
/** A frame's block grows by this factor while its bytes arrive. */
const GROWTH = 4;

type OutputItem = Uint8Array | { range: RangeToken; from: number; length: number };

/** What `cut` came to. */
export const CutResult = { frame: 0, needMore: 1, slabFull: 2, badFrame: 3 } as const;

export class PortableConnection {
  generation = 0;
  socket: Socket | null = null;
  host = '';
  port = 0;
  localPort = 0;
  muted = false;
  mutedTimer: NodeJS.Timeout | null = null;
  mutedUntilMs = 0;
  outputFull = false;
  waitsForSlab = false;
  closeWhenSent = false;
  /** Peer's FIN or an error was seen; acted on when everything received before has been cut. */
  endReason = 0;
  endDetail = 0;
  inReady = false;
  activeMs = 0;
  progressMs = 0;
  queuedBytes = 0;

  // Input: the chunk being cut, the 4 length bytes, the frame under way.
  #chunk: Uint8Array | null = null;
  #chunkAt = 0;
  readonly #head = new Uint8Array(4);
  #headLength = 0;
  frameAt = -1;
  frameLength = -1;
  frameHave = 0;
  #blockBytes = 0;

  #output: OutputItem[] = [];

  constructor(readonly index: number) {}

  open(socket: Socket, generation: number, nowMs: number): void {
    this.socket = socket;
    this.generation = generation;
    this.muted = this.outputFull = this.waitsForSlab = this.closeWhenSent = this.inReady = false;
    this.endReason = this.endDetail = this.queuedBytes = this.#headLength = this.#blockBytes = 0;
    this.frameAt = this.frameLength = -1;
    this.frameHave = 0;
    this.#chunk = null;
    this.#output = [];
    this.activeMs = this.progressMs = nowMs;
  }

  get mayRead(): boolean {
    return (
      !this.muted && this.mutedTimer === null && !this.outputFull && !this.waitsForSlab && !this.closeWhenSent
    );
  }
  get hasInput(): boolean {
    return this.#chunk !== null;
  }
  get holdsSlab(): boolean {
    return this.frameAt >= 0;
  }

  /** Takes bytes until a frame is complete (frameAt, frameLength; then `taken()`), or something else stops it. */
  cut(slab: PortableSlab, memory: Uint8Array, frameBytesMax: number, nowMs: number): number {
    for (;;) {
      if (this.frameLength >= 0 && this.frameHave === this.frameLength && this.frameAt >= 0)
        return CutResult.frame;
      if (this.#chunk === null) {
        this.#chunk = this.socket?.read() ?? null;
        this.#chunkAt = 0;
        if (this.#chunk === null) return CutResult.needMore;
        this.activeMs = this.progressMs = nowMs;
      }
      if (this.frameLength < 0) {
        this.#readHead(this.#chunk);
        if (this.frameLength < 0 && this.#headLength === 4) return CutResult.badFrame;
        if (this.frameLength > frameBytesMax) return CutResult.badFrame;
      }
      if (this.frameLength >= 0 && !this.#makeRoom(slab, memory)) return CutResult.slabFull;
      if (this.frameLength > 0) this.#readBody(this.#chunk, memory);
      if (this.#chunk !== null && this.#chunkAt === this.#chunk.length) this.#chunk = null;
    }
  }

  /** The frame was reported and belongs to its reader now. */
  taken(): void {
    this.frameAt = this.frameLength = -1;
    this.frameHave = this.#headLength = this.#blockBytes = 0;
  }

  #readHead(chunk: Uint8Array): void {
    while (this.#headLength < 4 && this.#chunkAt < chunk.length) {
      this.#head[this.#headLength++] = chunk[this.#chunkAt++];
    }
    if (this.#headLength < 4) return;
    const [a, b, c, d] = this.#head;
    this.frameLength = (a << 24) | (b << 16) | (c << 8) | d;
    if (this.frameLength < 0) this.endDetail = this.frameLength;
  }

  #readBody(chunk: Uint8Array, memory: Uint8Array): void {
    const length = Math.min(
      this.#blockBytes - this.frameHave,
      this.frameLength - this.frameHave,
      chunk.length - this.#chunkAt,
    );
    memory.set(chunk.subarray(this.#chunkAt, this.#chunkAt + length), this.frameAt + this.frameHave);
    this.#chunkAt += length;
    this.frameHave += length;
  }

  /** A block for the frame under way, or a larger one when it is full. */
  #makeRoom(slab: PortableSlab, memory: Uint8Array): boolean {
    if (this.frameAt >= 0 && (this.frameHave < this.#blockBytes || this.frameHave === this.frameLength))
      return true;
    const wanted = Math.min(
      this.frameLength,
      this.frameAt < 0 ? SMALL_FRAME_BYTES_MAX : this.#blockBytes * GROWTH,
    );
    const at = slab.allocate(wanted, this.frameLength);
    if (at < 0) return false;
    if (this.frameAt >= 0) {
      memory.copyWithin(at, this.frameAt, this.frameAt + this.frameHave);
      slab.release(this.frameAt);
    }
    this.frameAt = at;
    this.#blockBytes = wanted;
    return true;
  }

  /** Queues bytes (which become ours) or a range. */
  push(item: OutputItem): void {
    this.#output.push(item);
    this.queuedBytes += item.length;
  }

  get outputIsEmpty(): boolean {
    return this.#output.length === 0 && (this.socket?.writableLength ?? 0) === 0;
  }

  /** Moves queued output into node's socket as far as it takes it. False: a range could not be read. */
  pump(engine: SegmentEngine, onWritten: (bytes: number) => void): boolean {
    const { socket } = this;
    if (socket === null || this.#output.length === 0) return true;
    socket.cork();
    let readable = true;
    while (readable && this.#output.length > 0 && socket.writableLength < WRITE_AHEAD_BYTES) {
      const item = this.#output[0];
      if (item instanceof Uint8Array) {
        this.#output.shift();
        socket.write(item, () => onWritten(item.length));
      } else {
        readable = this.#writeRange(engine, item, onWritten);
      }
    }
    socket.uncork();
    return readable;
  }

  #writeRange(
    engine: SegmentEngine,
    item: { range: RangeToken; from: number; length: number },
    onWritten: (bytes: number) => void,
  ): boolean {
    const bytes = Buffer.allocUnsafe(Math.min(RANGE_COPY_BYTES, item.length));
    const copied = engine.copyRange(item.range, item.from, bytes);
    if (copied !== bytes.length) return false;
    item.from += copied;
    item.length -= copied;
    if (item.length === 0) {
      this.#output.shift();
      engine.dropRange(item.range);
    }
    this.socket?.write(bytes, () => onWritten(copied));
    return true;
  }

  /** Gives everything back; the socket is the caller's to destroy. Returns the bytes that were thrown away. */
  release(slab: PortableSlab, engine: SegmentEngine): number {
    assert(this.socket !== null, 'connection released twice');
    if (this.frameAt >= 0) slab.release(this.frameAt);
    for (const item of this.#output) {
      if (!(item instanceof Uint8Array)) engine.dropRange(item.range);
    }
    if (this.mutedTimer !== null) clearTimeout(this.mutedTimer);
    this.mutedTimer = null;
    this.#output = [];
    this.#chunk = null;
    this.frameAt = -1;
    this.socket = null;
    return this.queuedBytes;
  }
}
