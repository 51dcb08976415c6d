/**
 * `__cluster_metadata-0`: the log of metadata records of a single-voter quorum (KafkaRaftLog and the parts of
 * KafkaRaftClient that one voter needs). Owned by the main thread. Every append is forced to disk before it returns; the
 * first failure ends the log (OperationError STORAGE_FAILED), it is never retried.
 *
 * ```
 *  00000000000000000000.log .index .timeindex       batches; a new file every metadata.log.segment.bytes
 *  00000000000000000812-0000000003.checkpoint       snapshot of everything below offset 812
 *  quorum-state leader-epoch-checkpoint partition.metadata
 * ```
 * Left out: elections among several voters, fetching from a leader, snapshots by time.
 */
import { join } from 'node:path';
import { assert } from '../../base/assert.js';
import { isDiskFull, OperationError } from '../../base/errors.js';
import type { Report } from '../../base/report.js';
import type { ControlRecordInput } from '../../protocol/records/control-record.js';
import type { MetadataRecord, MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import {
  cutFileName,
  LogSuffix,
  parseSegmentFileName,
  segmentFileName,
} from '../../storage/files/file-names.js';
import { type FileOps, systemFiles } from '../../storage/files/file-ops.js';
import { readLeaderEpochs, writeLeaderEpochs } from '../../storage/files/leader-epoch-file.js';
import { readPartitionMetadata, writePartitionMetadata } from '../../storage/files/partition-metadata.js';
import { METADATA_TOPIC_ID } from '../image/model.js';
import { decodeBatch, encodeControlBatch, encodeDataBatch, type MetadataBatch } from './batch.js';
import { readQuorumState, writeQuorumState } from './quorum-state.js';
import { SegmentIndex } from './segment-index.js';
import { corrupt, goodBatchBehind, scanSegment } from './segment-scan.js';
import {
  encodeSnapshot,
  listSnapshots,
  type RaftState,
  readSnapshot,
  snapshotName,
  writeSnapshotFile,
} from './snapshot.js';

export const METADATA_TOPIC = '__cluster_metadata';
const SNAPSHOT_MODE = 0o400;
/** Snapshots that stay whatever the retention: the newest and its predecessor, as Kafka keeps. */
const SNAPSHOTS_KEPT_MIN = 2;

export interface MetadataLogOptions {
  /** The log dir's root; the log lives in `__cluster_metadata-0` below it. */
  readonly root: string;
  readonly nodeId: number;
  readonly segmentBytes: number;
  readonly retentionBytes: number;
  readonly report: Report;
  /** Wall clock in ms, for file names. */
  readonly nowMs: number;
  readonly files?: FileOps;
}

/** What is replayed while the log opens: first the snapshot's records, then those of the log. */
export type RecordSink = (record: MetadataRecord) => void;

/** One appended batch. */
export interface AppendedBatch {
  readonly bytes: Uint8Array;
  readonly baseOffset: number;
  readonly lastOffset: number;
}

export class MetadataLog {
  readonly directory: string;
  readonly #files: FileOps;
  readonly #options: MetadataLogOptions;
  #segments: { baseOffset: number; sizeBytes: number }[] = [];
  #index = new SegmentIndex(0);
  #endOffset = 0;
  #epoch = 0;
  #lastTimestamp = -1;
  #snapshotEndOffset = 0;
  #bytesSinceSnapshot = 0;
  #raft: RaftState = { kraftVersion: 0, voters: null };
  /** KRaftVersion and KRaftVoters stand in the log itself, not only in the snapshot that format wrote. */
  #votersInLog = false;
  #failed = false;

  private constructor(options: MetadataLogOptions) {
    this.#options = options;
    this.#files = options.files ?? systemFiles;
    this.directory = join(options.root, `${METADATA_TOPIC}-0`);
  }

  /** Opens or creates the log and replays it into `sink`. Throws METADATA_CORRUPT before changing anything. */
  static open(options: MetadataLogOptions, sink: RecordSink): MetadataLog {
    const log = new MetadataLog(options);
    log.#load(sink);
    return log;
  }

  /** Offset of the next record. */
  get endOffset(): number {
    return this.#endOffset;
  }
  get startOffset(): number {
    return this.#segments[0]?.baseOffset ?? 0;
  }
  /** Epoch records are written in; that of the last record until `becomeLeader`. */
  get epoch(): number {
    return this.#epoch;
  }
  get raft(): RaftState {
    return this.#raft;
  }
  /** Bytes appended since the newest snapshot. */
  get bytesSinceSnapshot(): number {
    return this.#bytesSinceSnapshot;
  }
  get lastTimestamp(): number {
    return this.#lastTimestamp;
  }

  #path(baseOffset: number, suffix: string): string {
    return join(this.directory, segmentFileName(baseOffset, suffix));
  }

  #load(sink: RecordSink): void {
    const files = this.#files;
    if (files.stat(this.directory) === null) {
      files.makeDirectory(this.directory);
      files.syncDirectory(this.#options.root);
    }
    const names = files.list(this.directory);
    const bases = names.flatMap((name) => {
      const parsed = parseSegmentFileName(name);
      return parsed?.kind === LogSuffix.log && parsed.state === '' ? [parsed.offset] : [];
    });
    bases.sort((a, b) => a - b);
    this.#loadSnapshot(sink);
    if (bases.length > 0 && bases[0] > this.#endOffset) {
      throw corrupt(
        this.directory,
        `the log starts at ${bases[0]}, the newest snapshot ends at ${this.#endOffset}`,
      );
    }
    const snapshotEnd = this.#endOffset;
    bases.forEach((base, row) => {
      this.#loadSegment(base, row === bases.length - 1, snapshotEnd, sink);
    });
    if (bases.length === 0 || this.#endOffset < snapshotEnd) this.#startAt(snapshotEnd);
    for (const name of names)
      if (/\.(part|tmp|deleted)$/.test(name)) files.remove(join(this.directory, name));
    if (readPartitionMetadata(this.directory, files) !== METADATA_TOPIC_ID) {
      writePartitionMetadata(this.directory, METADATA_TOPIC_ID, files);
    }
    this.#epoch = Math.max(this.#epoch, readQuorumState(this.directory, files)?.leaderEpoch ?? 0);
  }

  /** The newest snapshot that is whole; a damaged one is left for people, an older one serves. */
  #loadSnapshot(sink: RecordSink): void {
    for (const snapshot of listSnapshots(this.directory, this.#files).reverse()) {
      try {
        const content = readSnapshot(snapshot.path, this.#files);
        for (const record of content.records) sink(record);
        this.#raft = content.raft;
        this.#endOffset = snapshot.endOffset;
        this.#snapshotEndOffset = snapshot.endOffset;
        this.#epoch = snapshot.epoch;
        this.#lastTimestamp = content.lastContainedLogTimestamp;
        this.#votersInLog = snapshot.endOffset > 0;
        return;
      } catch (error) {
        if (!(error instanceof OperationError)) throw error;
        this.#options.report('warn', `Metadata snapshot skipped: ${error.message}`);
      }
    }
  }

  #loadSegment(baseOffset: number, last: boolean, snapshotEnd: number, sink: RecordSink): void {
    const path = this.#path(baseOffset, LogSuffix.log);
    const index = new SegmentIndex(baseOffset);
    let expected = baseOffset;
    const previous = this.#segments.at(-1);
    if (previous && this.#nextOffset !== baseOffset) {
      throw corrupt(path, `offset ${this.#nextOffset} was expected at the start of this segment`);
    }
    const scan = scanSegment(path, this.#files, (view, position) => {
      if (view.baseOffset !== expected)
        throw corrupt(path, `offset ${view.baseOffset} where ${expected} was expected`);
      const batch = decodeBatch(view);
      index.batch(batch.lastOffset, position, batch.sizeBytes, batch.timestamp);
      expected = batch.lastOffset + 1;
      this.#apply(batch, snapshotEnd, sink);
    });
    if (scan.problem !== null) this.#cutTail(path, scan, last, expected);
    this.#segments.push({ baseOffset, sizeBytes: scan.validBytes });
    this.#index = index;
    this.#nextOffset = expected;
    this.#endOffset = Math.max(snapshotEnd, expected);
  }
  /** End of the segments read so far; below the snapshot's end in a trimmed log. */
  #nextOffset = 0;

  #apply(batch: MetadataBatch, snapshotEnd: number, sink: RecordSink): void {
    if (batch.lastOffset < snapshotEnd) return;
    this.#bytesSinceSnapshot += batch.sizeBytes;
    this.#epoch = Math.max(this.#epoch, batch.leaderEpoch);
    this.#lastTimestamp = batch.timestamp;
    batch.records.forEach((record, row) => {
      if (batch.baseOffset + row >= snapshotEnd) sink(record);
    });
    for (const control of batch.control) {
      if (control.type === 'kraftVersion')
        this.#raft = { ...this.#raft, kraftVersion: control.value.kRaftVersion };
      if (control.type === 'kraftVoters') {
        this.#raft = { ...this.#raft, voters: control.value };
        this.#votersInLog = true;
      }
    }
  }

  /** Cuts a torn last append; the bytes stay in a plain file of the root, which Kafka ignores. */
  #cutTail(
    path: string,
    scan: { validBytes: number; fileBytes: number; problem: string | null },
    last: boolean,
    expected: number,
  ): void {
    const { validBytes, fileBytes, problem } = scan;
    const what = `${problem} at byte ${validBytes} (offset ${expected})`;
    if (!last) throw corrupt(path, `${what}, and later segments exist`);
    if (goodBatchBehind(path, this.#files, validBytes, expected))
      throw corrupt(path, `${what}, and good batches follow`);
    const tail = this.#files.readAt(path, validBytes, fileBytes - validBytes);
    if (tail.some((byte) => byte !== 0)) {
      const kept = join(this.#options.root, cutFileName(METADATA_TOPIC, 0, expected, this.#options.nowMs));
      this.#files.write(kept, tail);
      this.#files.sync(kept);
    }
    this.#files.truncate(path, validBytes);
    this.#files.sync(path);
    this.#options.report('warn', `Metadata log: torn tail cut: ${what}`, { bytes: tail.length });
  }

  /** The log holds nothing at or behind the snapshot: begin a new segment there. */
  #startAt(offset: number): void {
    for (const { baseOffset } of this.#segments) this.#removeSegment(baseOffset);
    this.#segments = [];
    this.#openSegment(offset);
    this.#endOffset = offset;
  }

  #openSegment(baseOffset: number): void {
    const path = this.#path(baseOffset, LogSuffix.log);
    this.#files.write(path, new Uint8Array(0));
    this.#files.sync(path);
    this.#files.syncDirectory(this.directory);
    this.#segments.push({ baseOffset, sizeBytes: 0 });
    this.#index = new SegmentIndex(baseOffset);
  }

  /**
   * Starts the next epoch: quorum-state, leader epoch, LeaderChange batch. The voters are written along when they stand
   * in no log yet, as a leader of Kafka does at kraft.version 1.
   */
  becomeLeader(timestamp: number): AppendedBatch {
    const { nodeId } = this.#options;
    const epoch = this.#epoch + 1;
    const endOffset = this.#endOffset;
    return this.#guarded(() => {
      writeQuorumState(
        this.directory,
        { leaderId: nodeId, leaderEpoch: epoch },
        this.#raft.kraftVersion,
        this.#files,
      );
      const epochs = readLeaderEpochs(this.directory, this.#files).filter(
        (entry) => entry.epoch < epoch && entry.startOffset < endOffset,
      );
      writeLeaderEpochs(this.directory, [...epochs, { epoch, startOffset: endOffset }], this.#files);
      this.#epoch = epoch;
      const voters = [{ voterId: nodeId }];
      const control: ControlRecordInput[] = [
        { type: 'leaderChange', value: { leaderId: nodeId, voters, grantingVoters: voters } },
      ];
      if (this.#raft.kraftVersion > 0 && !this.#votersInLog && this.#raft.voters !== null) {
        control.push({ type: 'kraftVersion', value: { kRaftVersion: this.#raft.kraftVersion } });
        control.push({ type: 'kraftVoters', value: this.#raft.voters });
        this.#votersInLog = true;
      }
      return this.#append(encodeControlBatch(control, this.#place(timestamp)), control.length, timestamp);
    });
  }

  #place(timestamp: number): { baseOffset: number; leaderEpoch: number; timestamp: number } {
    return { baseOffset: this.#endOffset, leaderEpoch: this.#epoch, timestamp };
  }

  /** Appends one batch and forces it to disk. */
  append(records: readonly MetadataRecordInput[], timestamp: number): AppendedBatch {
    assert(records.length > 0, 'a metadata batch has records');
    const bytes = encodeDataBatch(records, this.#place(timestamp)); // refuses bad records before the disk is touched
    return this.#guarded(() => this.#append(bytes, records.length, timestamp));
  }

  #append(bytes: Uint8Array, count: number, timestamp: number): AppendedBatch {
    let active = this.#segments[this.#segments.length - 1];
    if (active.sizeBytes > 0 && active.sizeBytes + bytes.length > this.#options.segmentBytes) {
      this.#sealIndex();
      this.#openSegment(this.#endOffset);
      active = this.#segments[this.#segments.length - 1];
    }
    const path = this.#path(active.baseOffset, LogSuffix.log);
    this.#write(path, active.sizeBytes, bytes);
    this.#files.sync(path);
    const baseOffset = this.#endOffset;
    const lastOffset = baseOffset + count - 1;
    this.#index.batch(lastOffset, active.sizeBytes, bytes.length, timestamp);
    active.sizeBytes += bytes.length;
    this.#endOffset = lastOffset + 1;
    this.#lastTimestamp = timestamp;
    this.#bytesSinceSnapshot += bytes.length;
    return { bytes, baseOffset, lastOffset };
  }

  /** A full disk passes: what was half written goes again, and the next append tries anew. */
  #write(path: string, sizeBytes: number, bytes: Uint8Array): void {
    try {
      this.#files.append(path, bytes);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.#files.truncate(path, sizeBytes);
      throw new OperationError(
        'DISK_FULL',
        `No space left for the metadata log ${path}; nothing was changed.`,
        {
          cause: error,
        },
      );
    }
  }

  /** Writes the image as of the log's end, then drops what retention allows. No-op when nothing was added since the last. */
  writeSnapshot(records: Iterable<MetadataRecordInput>, now: number): void {
    if (this.#endOffset === this.#snapshotEndOffset) return;
    this.#guarded(() => {
      const id = { endOffset: this.#endOffset, epoch: this.#epoch };
      const times = { now, lastContainedLogTimestamp: this.#lastTimestamp };
      const parts = encodeSnapshot(records, id, this.#raft, times);
      writeSnapshotFile(join(this.directory, snapshotName(id)), parts, this.#files, SNAPSHOT_MODE);
      this.#snapshotEndOffset = id.endOffset;
      this.#bytesSinceSnapshot = 0;
      this.#trim();
    });
  }

  /** Oldest snapshots first, then the segments that only they covered, while the whole exceeds the retention size. */
  #trim(): void {
    const snapshots = listSnapshots(this.directory, this.#files).map((one) => ({
      ...one,
      sizeBytes: this.#files.stat(one.path)?.sizeBytes ?? 0,
    }));
    let total = [...snapshots, ...this.#segments].reduce((sum, one) => sum + one.sizeBytes, 0);
    while (total > this.#options.retentionBytes && snapshots.length > SNAPSHOTS_KEPT_MIN) {
      const [oldest] = snapshots.splice(0, 1);
      this.#files.remove(oldest.path);
      total -= oldest.sizeBytes;
      while (this.#segments.length > 1 && this.#segments[1].baseOffset <= snapshots[0].endOffset) {
        const [dropped] = this.#segments.splice(0, 1);
        this.#removeSegment(dropped.baseOffset);
        total -= dropped.sizeBytes;
      }
    }
    this.#files.syncDirectory(this.directory);
  }

  #removeSegment(baseOffset: number): void {
    for (const suffix of [LogSuffix.index, LogSuffix.timeIndex, LogSuffix.log]) {
      this.#files.remove(this.#path(baseOffset, suffix));
    }
  }

  #sealIndex(): void {
    const { offsetIndex, timeIndex } = this.#index.seal();
    this.#files.write(this.#path(this.#index.baseOffset, LogSuffix.index), offsetIndex);
    this.#files.write(this.#path(this.#index.baseOffset, LogSuffix.timeIndex), timeIndex);
  }

  close(): void {
    if (!this.#failed) this.#guarded(() => this.#sealIndex());
  }

  /** The first failure of the disk is final: what reached it is unknown (fsyncgate). */
  #guarded<T>(work: () => T): T {
    if (this.#failed)
      throw new OperationError('STORAGE_FAILED', 'The metadata log failed before and takes no more records');
    try {
      return work();
    } catch (error) {
      if (error instanceof OperationError && error.code === 'DISK_FULL') throw error;
      this.#failed = true;
      if (error instanceof OperationError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new OperationError('STORAGE_FAILED', `Writing ${this.directory} failed: ${reason}`, {
        cause: error,
      });
    }
  }
}
