/** Record batches inside a message: never copied on decode, and on encode either bytes or a range that the kernel will send. */

/** Decoded records: a window on the frame. Valid as long as the frame's bytes are. */
export interface RecordsView {
  /** The array the frame lies in (a network thread's slab). */
  readonly bytes: Uint8Array;
  /** Index of the first byte in `bytes`. */
  readonly position: number;
  readonly length: number;
}

/** Records that are not in the encoded bytes: `length` bytes of the range `hole` follow there on the socket. */
export interface RecordsHole {
  /** Token of the range (segment engine); the wire layer does not look into it. */
  readonly hole: number;
  /** > 0 */
  readonly length: number;
}

/** What a records field accepts when encoding. */
export type RecordsInput = Uint8Array | RecordsView | RecordsHole;

/** A hole in encoded bytes, as `Writer.holes` reports it. */
export interface Hole {
  /** Index in `Writer.bytes` before which the range's bytes go. */
  at: number;
  range: number;
  length: number;
}

/** The bytes of a view, without a copy. */
export function recordsBytes(view: RecordsView): Uint8Array {
  return view.bytes.subarray(view.position, view.position + view.length);
}
