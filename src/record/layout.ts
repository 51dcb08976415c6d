/**
 * Numbers of the record batch format, magic 2 (KIP-98; DefaultRecordBatch). Field offsets: `HeaderAt`, one source for the
 * whole program. The picture is in README.md.
 */
import { HeaderAt } from '../io/portable/batch-header.js';

export { HeaderAt };

/** Magic of the only format that is written. 0 and 1 are read from old segments (legacy.ts). */
export const MAGIC_V2 = 2;
export const NO_TIMESTAMP = -1;
export const NO_PRODUCER_ID = -1n;
export const NO_PRODUCER_EPOCH = -1;
export const NO_SEQUENCE = -1;
export const NO_LEADER_EPOCH = -1;

/** Bits of a batch's `attributes`; the codec is the lowest three. */
export const Attribute = {
  codecMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
} as const;

/** How the records of a batch are compressed (CompressionType). */
export const Codec = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
export type Codec = (typeof Codec)[keyof typeof Codec];
const CODEC_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** Narrows the lowest attribute bits; undefined for the three numbers without meaning. */
export function codecOf(attributes: number): Codec | undefined {
  const id = attributes & Attribute.codecMask;
  return id === 0 || id === 1 || id === 2 || id === 3 || id === 4 ? id : undefined;
}

/** Kafka's name of a codec; unknown ids print as numbers. */
export function codecName(id: number): string {
  return CODEC_NAMES[id] ?? `codec ${id}`;
}

/** `compression.type` of a topic or producer to a codec; `producer` and unknown names give undefined. */
export function codecByName(name: string): Codec | undefined {
  if (name === 'uncompressed') return Codec.none;
  const id = (CODEC_NAMES as readonly string[]).indexOf(name);
  return id < 0 ? undefined : codecOf(id);
}

/** Sequence number `steps` after `sequence`; 2147483647 is followed by 0 (DefaultRecordBatch.incrementSequence). */
export function incrementSequence(sequence: number, steps: number): number {
  if (sequence > 0x7fffffff - steps) return steps - (0x7fffffff - sequence) - 1;
  return sequence + steps;
}
