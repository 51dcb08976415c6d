/** Record batches for requests, right ones and wrong ones. */
import { crc32c } from '../../../src/io/portable/crc32c.js';
import { BatchBuilder, type BatchOptions, type RecordHeader } from '../../../src/record/batch-builder.js';
import { HeaderAt } from '../../../src/record/layout.js';

export interface Shape extends BatchOptions {
  count?: number;
  /** ms; of the first record, the next ones 1 ms later each. */
  timestamp?: number;
  keys?: boolean;
  valueBytes?: number;
  headers?: readonly RecordHeader[];
  /** Starts the text of keys and values. */
  text?: string;
}

/** A timestamp in the past that no retention of these tests reaches. */
export const LONG_AGO = 1_700_000_000_000;
const text = new TextEncoder();

export function batch(shape: Shape = {}): Uint8Array {
  const {
    count = 1,
    timestamp = LONG_AGO,
    keys = true,
    valueBytes,
    headers,
    text: prefix = 'r',
    ...options
  } = shape;
  const builder = new BatchBuilder(options);
  for (let i = 0; i < count; i++) {
    const value =
      valueBytes === undefined
        ? text.encode(`${prefix} value ${i}`)
        : new Uint8Array(valueBytes).fill(97 + (i % 26));
    const at = timestamp < 0 ? timestamp : timestamp + i;
    builder.append(at, keys ? text.encode(`${prefix}-${i}`) : null, value, headers);
  }
  return builder.build();
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** Whether the checksum is made right again after a change. */
export type Checksum = 'fixed' | 'stale';

/** A changed copy of a batch. */
export function changed(
  source: Uint8Array,
  change: (view: DataView) => void,
  checksum: Checksum = 'fixed',
): Uint8Array {
  const copy = Uint8Array.from(source);
  const view = new DataView(copy.buffer);
  change(view);
  if (checksum === 'fixed') view.setUint32(HeaderAt.crc, crc32c(copy, HeaderAt.attributes, copy.length));
  return copy;
}

/** One header field set to another value, checksum right. */
export const withInt32 = (source: Uint8Array, at: number, value: number): Uint8Array =>
  changed(source, (view) => view.setInt32(at, value));
export const withInt16 = (source: Uint8Array, at: number, value: number): Uint8Array =>
  changed(source, (view) => view.setInt16(at, value));
export const withInt8 = (source: Uint8Array, at: number, value: number): Uint8Array =>
  changed(source, (view) => view.setInt8(at, value));
