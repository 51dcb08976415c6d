/**
 * One `.index` or `.timeindex` file (AbstractIndex). Rows are fixed-size and sorted; they are read through one cached
 * page, appended through a small pending buffer that `write` puts into the file.
 *
 * ```
 *  .index      8 bytes: i32 last offset of the batch - base, i32 position of the batch
 *  .timeindex 12 bytes: i64 largest timestamp so far, i32 last offset of its batch - base
 * ```
 * Files grow by writing. Files that another broker preallocated end in zero rows: they are not counted.
 */
import { assert } from '../../base/assert.js';
import { type OpenMode, SharedFile } from './files.js';

const PAGE_ROWS = 512;
const PENDING_ROWS = 64;

export abstract class IndexFile {
  /** Rows, pending ones included. */
  entries: number;
  private written: number;
  private readonly page: Uint8Array;
  private readonly pageView: DataView;
  private pageStart = 0;
  private pageRows = 0;
  private readonly pending: Uint8Array;
  private readonly pendingView: DataView;

  constructor(
    private readonly file: SharedFile,
    readonly baseOffset: number,
    private readonly rowBytes: number,
  ) {
    this.page = new Uint8Array(PAGE_ROWS * rowBytes);
    this.pageView = new DataView(this.page.buffer);
    this.pending = new Uint8Array(PENDING_ROWS * rowBytes);
    this.pendingView = new DataView(this.pending.buffer);
    this.entries = this.count();
    this.written = this.entries;
  }

  /** Last offset of the batch that row `row` is about. */
  abstract offset(row: number): number;

  /** Counts the rows again: another thread appends to the file. */
  refresh(): void {
    assert(this.written === this.entries, 'an index is refreshed by readers only');
    this.pageRows = 0;
    this.entries = this.count();
    this.written = this.entries;
  }

  write(): void {
    const rows = this.entries - this.written;
    if (rows === 0) return;
    this.file.write(this.pending, 0, rows * this.rowBytes, this.written * this.rowBytes);
    this.written = this.entries;
  }

  /** Forgets rows behind the first `entries`; `onDisk` cuts the file too. */
  cut(entries: number, onDisk: boolean): void {
    assert(entries <= this.entries, 'an index cannot be cut to more rows than it has');
    this.pageRows = 0;
    this.entries = entries;
    if (this.written > entries || onDisk) {
      this.written = Math.min(this.written, entries);
      this.file.setSize(this.written * this.rowBytes);
    }
  }

  /** Drops rows at or above `endOffset`. */
  truncateTo(endOffset: number): void {
    this.cut(this.lowerBound(endOffset), true);
  }

  /** Writes what is pending and cuts the file to its rows. */
  trim(): void {
    this.write();
    if (this.file.size() !== this.entries * this.rowBytes) this.file.setSize(this.entries * this.rowBytes);
  }

  sync(): void {
    this.write();
    this.file.sync();
  }

  close(): void {
    this.file.release();
  }

  /** View and byte position of the row, valid until the next call. */
  protected view(row: number): DataView {
    assert(row >= 0 && row < this.entries, 'index row out of range');
    return row >= this.written ? this.pendingView : this.load(row);
  }

  protected at(row: number): number {
    return (row >= this.written ? row - this.written : row - this.pageStart) * this.rowBytes;
  }

  /** Room for one row more; returns its byte position in `pendingRow`. */
  protected grow(): number {
    if (this.entries - this.written === PENDING_ROWS) this.write();
    return (this.entries++ - this.written) * this.rowBytes;
  }

  protected get pendingRow(): DataView {
    return this.pendingView;
  }

  private load(row: number): DataView {
    if (row < this.pageStart || row >= this.pageStart + this.pageRows) {
      this.pageStart = row - (row % PAGE_ROWS);
      const bytes = this.file.read(this.page, 0, this.page.length, this.pageStart * this.rowBytes);
      this.pageRows = Math.floor(bytes / this.rowBytes);
      // A writer in another thread may have cut the file just now: rows that are gone read as zero, fail the look-up's
      // check against the batch they point at, and cost a longer walk, nothing else.
      this.page.fill(0, this.pageRows * this.rowBytes);
    }
    return this.pageView;
  }

  /** Whole rows in the file without the zero ones at its end. No index has a zero row but perhaps a time index's first. */
  private count(): number {
    const rows = Math.floor(this.file.size() / this.rowBytes);
    this.entries = rows;
    this.written = rows;
    if (rows < 2 || !this.zero(rows - 1)) return rows;
    let low = 0;
    let high = rows - 1; // a zero row
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.zero(middle)) high = middle;
      else low = middle + 1;
    }
    this.pageRows = 0;
    return low;
  }

  private zero(row: number): boolean {
    this.load(row);
    const from = this.at(row);
    for (let at = from; at < from + this.rowBytes; at++) if (this.page[at] !== 0) return false;
    return true;
  }

  /** First row whose offset is at least `offset`. */
  private lowerBound(offset: number): number {
    let low = 0;
    let high = this.entries;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.offset(middle) >= offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Greatest row with offset <= `offset`; -1 = none. */
  floor(offset: number): number {
    return this.lowerBound(offset + 1) - 1;
  }
}

export class OffsetIndex extends IndexFile {
  static readonly rowBytes = 8;

  static open(path: string, mode: OpenMode, baseOffset: number): OffsetIndex {
    return new OffsetIndex(SharedFile.open(path, mode), baseOffset, OffsetIndex.rowBytes);
  }

  offset(row: number): number {
    const view = this.view(row);
    return this.baseOffset + view.getInt32(this.at(row));
  }

  position(row: number): number {
    const view = this.view(row);
    return view.getInt32(this.at(row) + 4);
  }

  append(lastOffset: number, position: number): void {
    const at = this.grow();
    this.pendingRow.setInt32(at, lastOffset - this.baseOffset);
    this.pendingRow.setInt32(at + 4, position);
  }
}

export class TimeIndex extends IndexFile {
  static readonly rowBytes = 12;

  static open(path: string, mode: OpenMode, baseOffset: number): TimeIndex {
    return new TimeIndex(SharedFile.open(path, mode), baseOffset, TimeIndex.rowBytes);
  }

  timestamp(row: number): number {
    const view = this.view(row);
    const at = this.at(row);
    return view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
  }

  offset(row: number): number {
    const view = this.view(row);
    return this.baseOffset + view.getInt32(this.at(row) + 8);
  }

  /** Timestamp of the last row; -1 = none (TimeIndex.lastEntry). */
  get lastTimestamp(): number {
    return this.entries > 0 ? this.timestamp(this.entries - 1) : -1;
  }

  /** Adds a row unless the timestamp has not risen (TimeIndex.maybeAppend). */
  maybeAppend(timestamp: number, lastOffset: number): void {
    if (timestamp <= this.lastTimestamp) return;
    const at = this.grow();
    const high = Math.floor(timestamp / 0x1_0000_0000);
    this.pendingRow.setInt32(at, high);
    this.pendingRow.setUint32(at + 4, timestamp - high * 0x1_0000_0000);
    this.pendingRow.setInt32(at + 8, lastOffset - this.baseOffset);
  }

  /** Greatest row with timestamp <= `timestamp`; -1 = none. */
  floorOfTimestamp(timestamp: number): number {
    let low = 0;
    let high = this.entries;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timestamp(middle) > timestamp) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }
}
