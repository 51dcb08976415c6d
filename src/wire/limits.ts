/** Limits of the wire layer. A length is checked against these and against the bytes that remain before anything is allocated. */

/** Longest string in UTF-8 bytes: the old int16 prefix allows no more, and Kafka keeps that limit for compact strings. */
export const STRING_BYTES_MAX = 0x7fff;
/**
 * Array elements (of all arrays together) and kept unknown tags in one message. An element of 3 wire bytes becomes an
 * object of about 60, so without this a 100 MiB frame could fill 2 GiB of heap; with it, 2^20 × ~100 B = 100 MiB.
 */
export const ELEMENTS_MAX = 1 << 20;
/** Bytes one Writer may hold, ranges sent by reference not counted. */
export const WRITER_BYTES_MAX = 256 * 1024 * 1024;
/** First size of a growing Writer. */
export const WRITER_BYTES_INITIAL = 4096;
/** Largest frame length an int32 prefix can carry. */
export const FRAME_BYTES_MAX = 0x7fff_ffff;
