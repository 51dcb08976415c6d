/**
 * A set of member ids that takes no memory while it is empty. A group has two of them, nearly always empty, and a broker may
 * have ten thousand groups; an empty Set takes 180 bytes.
 */
export class IdSet implements Iterable<string> {
  private ids: Set<string> | null = null;

  get size(): number {
    return this.ids?.size ?? 0;
  }
  has(id: string): boolean {
    return this.ids?.has(id) === true;
  }
  add(id: string): void {
    this.ids ??= new Set();
    this.ids.add(id);
  }
  /** Returns whether the id was there. */
  delete(id: string): boolean {
    const was = this.ids?.delete(id) === true;
    if (this.ids?.size === 0) this.ids = null;
    return was;
  }
  clear(): void {
    this.ids = null;
  }
  [Symbol.iterator](): Iterator<string> {
    return (this.ids ?? NO_IDS)[Symbol.iterator]();
  }
}

const NO_IDS: readonly string[] = [];
