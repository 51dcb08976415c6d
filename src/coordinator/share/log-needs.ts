/**
 * How much of the log is still needed (ShareCoordinatorOffsetsManager): a share partition's last snapshot stands for
 * everything that was written of it before, so what lies before the oldest of these snapshots can be deleted.
 */
export class LogNeeds {
  /** Offset of the last snapshot by share partition, oldest first: a new snapshot goes to the end. */
  readonly #snapshots = new Map<string, number>();
  #newest = -1;

  /** A snapshot (or the tombstone) of the share partition `name` lies at `offset`. */
  wrote(name: string, offset: number, isTombstone: boolean): void {
    this.#newest = offset;
    this.#snapshots.delete(name);
    if (!isTombstone) this.#snapshots.set(name, offset);
  }

  /** null: nothing can go. */
  get redundantBefore(): number | null {
    const [oldest] = this.#snapshots.values();
    const offset = oldest ?? this.#newest;
    return offset > 0 ? offset : null;
  }
}
