/**
 * Committed offsets of one topic in one group, in few bytes: a group may have a million of them. Numbers lie in one array
 * (of doubles, since a commit time is none of V8's small integers),
 *
 *   row 0: partition | offset | leader epoch | commit time | expiry | record offset     6 × 8 = 48 bytes
 *   row 1: …
 *
 * what is rare (metadata, a topic id other than the first) in maps. While row i holds partition i there is no index.
 */
import { assert } from '../../../base/assert.js';
import type { CommittedOffset } from './committed-offset.js';

const COLUMNS = 6;
const PARTITION = 0;
const OFFSET = 1;
const LEADER_EPOCH = 2;
const COMMIT_TIMESTAMP = 3;
const EXPIRE_TIMESTAMP = 4;
const RECORD_OFFSET = 5;
/** Up to here the array of cells is as long as it must be. */
const FEW_ROWS = 8;

export class TopicOffsets {
  private cells: number[] = [];
  /** Partition -> row; null while every row is its partition's number. */
  private index: Map<number, number> | null = null;
  /** By partition; the others are "". */
  private metadata: Map<number, string> | null = null;
  private topicId = '';
  /** By partition; the others have `topicId`. */
  private otherTopicIds: Map<number, string> | null = null;

  get size(): number {
    return this.cells.length / COLUMNS;
  }

  get(partition: number): CommittedOffset | undefined {
    const row = this.rowOf(partition);
    return row < 0 ? undefined : this.at(row);
  }

  has(partition: number): boolean {
    return this.rowOf(partition) >= 0;
  }

  /** Remembers the offset in place of an earlier one. Returns whether the partition is new. */
  set(partition: number, value: CommittedOffset): boolean {
    const row = this.rowOf(partition);
    const isNew = row < 0;
    if (isNew) this.append(partition, value);
    else this.overwrite(row, value);
    this.metadata = note(this.metadata, partition, value.metadata, '');
    if (this.topicId === '') this.topicId = value.topicId;
    this.otherTopicIds = note(this.otherTopicIds, partition, value.topicId, this.topicId);
    return isNew;
  }

  /** Returns whether there was one. */
  delete(partition: number): boolean {
    const row = this.rowOf(partition);
    if (row < 0) return false;
    const last = this.size - 1;
    if (row !== last) {
      const index = this.makeIndex();
      this.cells.copyWithin(row * COLUMNS, last * COLUMNS, (last + 1) * COLUMNS);
      index.set(this.cell(row, PARTITION), row);
    }
    this.cells.length = last * COLUMNS;
    this.index?.delete(partition);
    this.metadata?.delete(partition);
    this.otherTopicIds?.delete(partition);
    return true;
  }

  /** Partitions in no particular order. Do not change the topic meanwhile. */
  *partitions(): IterableIterator<number> {
    for (let row = 0; row < this.size; row++) yield this.cell(row, PARTITION);
  }

  /** Times of every partition, without an object for each: expiry looks at all offsets of a broker again and again. */
  forEachTime(
    visit: (partition: number, commitTimestampMs: number, expireTimestampMs: number) => void,
  ): void {
    for (let row = 0; row < this.size; row++)
      visit(this.cell(row, PARTITION), this.cell(row, COMMIT_TIMESTAMP), this.cell(row, EXPIRE_TIMESTAMP));
  }

  private rowOf(partition: number): number {
    if (this.index !== null) return this.index.get(partition) ?? -1;
    return partition >= 0 && partition < this.size ? partition : -1;
  }

  private cell(row: number, column: number): number {
    const value = this.cells[row * COLUMNS + column];
    assert(value !== undefined, `row ${row} of ${this.size}`);
    return value;
  }

  private at(row: number): CommittedOffset {
    const partition = this.cell(row, PARTITION);
    return {
      offset: this.cell(row, OFFSET),
      leaderEpoch: this.cell(row, LEADER_EPOCH),
      metadata: this.metadata?.get(partition) ?? '',
      commitTimestampMs: this.cell(row, COMMIT_TIMESTAMP),
      expireTimestampMs: this.cell(row, EXPIRE_TIMESTAMP),
      topicId: this.otherTopicIds?.get(partition) ?? this.topicId,
      recordOffset: this.cell(row, RECORD_OFFSET),
    };
  }

  private append(partition: number, value: CommittedOffset): void {
    const row = this.size;
    if (partition !== row) this.makeIndex();
    this.index?.set(partition, row);
    const { offset, leaderEpoch, commitTimestampMs, expireTimestampMs, recordOffset } = value;
    // In the order of the columns.
    // A pushed-to array has room for 16 numbers and half its size more: too much where most topics have a few rows.
    if (row < FEW_ROWS) {
      const { cells } = this;
      this.cells = [
        ...cells,
        partition,
        offset,
        leaderEpoch,
        commitTimestampMs,
        expireTimestampMs,
        recordOffset,
      ];
    } else {
      this.cells.push(partition, offset, leaderEpoch, commitTimestampMs, expireTimestampMs, recordOffset);
    }
  }

  private overwrite(row: number, value: CommittedOffset): void {
    const from = row * COLUMNS;
    this.cells[from + OFFSET] = value.offset;
    this.cells[from + LEADER_EPOCH] = value.leaderEpoch;
    this.cells[from + COMMIT_TIMESTAMP] = value.commitTimestampMs;
    this.cells[from + EXPIRE_TIMESTAMP] = value.expireTimestampMs;
    this.cells[from + RECORD_OFFSET] = value.recordOffset;
  }

  private makeIndex(): Map<number, number> {
    if (this.index === null) {
      this.index = new Map();
      for (let row = 0; row < this.size; row++) this.index.set(this.cell(row, PARTITION), row);
    }
    return this.index;
  }
}

/** Keeps what is not usual; the map exists when something is. */
function note(
  map: Map<number, string> | null,
  partition: number,
  value: string,
  usual: string,
): Map<number, string> | null {
  if (value === usual) {
    map?.delete(partition);
    return map;
  }
  return (map ?? new Map<number, string>()).set(partition, value);
}
