/** 64-bit big-endian fields without a DataView, so that nothing is allocated when a view moves to other bytes. */

export function int16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) >> 16) | bytes[at + 1];
}

export function int32At(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** As a number: exact within 2^53, the sign always right. */
export function int64At(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at) * 0x1_0000_0000 + (int32At(bytes, at + 4) >>> 0);
}

export function bigInt64At(bytes: Uint8Array, at: number): bigint {
  return (BigInt(int32At(bytes, at)) << 32n) | BigInt(int32At(bytes, at + 4) >>> 0);
}

export function putInt16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

export function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24;
  bytes[at + 1] = value >> 16;
  bytes[at + 2] = value >> 8;
  bytes[at + 3] = value;
}

export function putInt64(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  putInt32(bytes, at, high);
  putInt32(bytes, at + 4, value - high * 0x1_0000_0000);
}

export function putBigInt64(bytes: Uint8Array, at: number, value: bigint): void {
  putInt32(bytes, at, Number(BigInt.asIntN(32, value >> 32n)));
  putInt32(bytes, at + 4, Number(BigInt.asIntN(32, value)));
}
