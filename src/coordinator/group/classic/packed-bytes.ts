/**
 * Bytes that are kept for long, as a string of one character a byte. A Uint8Array of 50 bytes takes 230 (the array, its
 * buffer), the string 70; ten thousand idle groups have twenty thousand of them.
 */
export type PackedBytes = string;

/** Copies: requests and records lie in frames that are much larger and must not be kept. */
export function pack(bytes: Uint8Array): PackedBytes {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** In memory of its own. */
export function unpack(packed: PackedBytes): Uint8Array {
  const bytes = new Uint8Array(packed.length);
  Buffer.from(bytes.buffer).write(packed, 'latin1');
  return bytes;
}
