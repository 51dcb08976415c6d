/**
 * A full disk passes: appends are refused with KAFKA_STORAGE_ERROR, reads go on, and from time to time an append is let
 * through to see whether there is space again. What the failed append left in memory (producers, sizes, a sealed
 * segment) is made anew from the files before the next try. Owned by the log's partition worker.
 */
/** How often an append may try a full disk. */
const PROBE_MS = 500;

export class FullDisk {
  private nextProbeMs = 0;
  private dirty = false;
  /** A roll sealed the active segment and could not start the next one. */
  private sealed = false;

  /** True while appends are refused without touching the disk. */
  refuses(nowMs: number): boolean {
    return this.dirty && nowMs < this.nextProbeMs;
  }

  /** The state in memory must be made anew before the next append. */
  get needsRepair(): boolean {
    return this.dirty;
  }

  get needsActivation(): boolean {
    return this.sealed;
  }

  failed(nowMs: number, whileRolling: boolean): void {
    this.dirty = true;
    this.sealed ||= whileRolling;
    this.nextProbeMs = nowMs + PROBE_MS;
  }

  activated(): void {
    this.sealed = false;
  }

  repaired(): void {
    this.dirty = false;
  }
}
