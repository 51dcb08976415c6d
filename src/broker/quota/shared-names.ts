/**
 * Gives names the same small number in every thread: rows of 64-bit hashes in shared memory, taken with a compare-and-swap
 * and never given back.
 */
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

function hashOf(name: string): bigint {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(name)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash === 0n ? 1n : BigInt.asIntN(64, hash);
}

export const NAME_BYTES = 8;

export class SharedNames {
  private readonly hashes: BigInt64Array;
  /** What this thread has looked up; at most one entry a row. */
  private readonly known = new Map<string, number>();

  constructor(
    memory: SharedArrayBuffer,
    byteOffset: number,
    private readonly rows: number,
  ) {
    this.hashes = new BigInt64Array(memory, byteOffset, rows);
  }

  /** Row of the name, taken if no row has it yet. -1 = none is left. */
  row(name: string): number {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const row = this.find(hashOf(name));
    if (row >= 0 && this.known.size < this.rows) this.known.set(name, row);
    return row;
  }

  private find(hash: bigint): number {
    const first = Number(BigInt.asUintN(31, hash)) % this.rows;
    for (let step = 0; step < this.rows; step++) {
      const row = (first + step) % this.rows;
      const before = Atomics.compareExchange(this.hashes, row, 0n, hash);
      if (before === 0n || before === hash) return row;
    }
    return -1;
  }
}
