/** Distinct types for distinct numbers. All are safe integers; bigint stays at the edge of the wire. */
declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]?: Name };

/** Position of a record in a partition's log, 0-based. */
export type Offset = Branded<'Offset'>;
/** Byte position in a file. */
export type FilePosition = Branded<'FilePosition'>;
/** Leader epoch of a partition; -1 = unknown. */
export type LeaderEpoch = Branded<'LeaderEpoch'>;
/** Partition number inside a topic. */
export type PartitionIndex = Branded<'PartitionIndex'>;
/** Row of a partition in the process-wide shared state table; never reused while the process lives. */
export type PartitionSlot = Branded<'PartitionSlot'>;
/** Milliseconds since 1970, UTC; -1 = none. */
export type Timestamp = Branded<'Timestamp'>;
