/** Limits that more than one layer needs; each layer keeps its own beside the code that enforces them. */

/** Longest legal topic name (Topic.java). */
export const TOPIC_NAME_LENGTH_MAX = 249;
/** Bytes before and including the length field of a record batch. */
export const LOG_OVERHEAD_BYTES = 12;
/** Header of a record batch v2. */
export const BATCH_HEADER_BYTES = 61;
/** A record batch may decompress to this much: more than any request could carry uncompressed. A bomb is refused, not unpacked. */
export const DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024;
