/**
 * Snapshots of the metadata log (RecordsSnapshotWriter/Reader): the whole image as of an offset, in a file of batches.
 *
 * ```
 *  %020d-%010d.checkpoint        exclusive end offset, epoch of the last record; mode 0400; batch offsets restart at 0
 *  control: SnapshotHeader, at kraft.version 1 also KRaftVersion and KRaftVoters
 *  data batches
 *  control: SnapshotFooter
 * ```
 * `bootstrap.checkpoint` in the directory's root has the same layout.
 */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { VotersRecord } from '../../protocol/records/control.js';
import type { ControlRecordInput } from '../../protocol/records/control-record.js';
import type { MetadataRecord, MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import { renameDurably } from '../../storage/files/atomic-file.js';
import { offsetText } from '../../storage/files/file-names.js';
import type { FileOps } from '../../storage/files/file-ops.js';
import { KRAFT_VERSION_MAX } from '../image/metadata-version.js';
import { decodeBatch, encodeControlBatch, encodeDataBatch } from './batch.js';
import { corrupt, scanSegment } from './segment-scan.js';

export const BOOTSTRAP_CHECKPOINT_FILE = 'bootstrap.checkpoint';
const SNAPSHOT_NAME = /^(\d{20})-(\d{10})\.checkpoint$/;
/** Records per data batch. */
const BATCH_RECORDS = 1000;

export interface SnapshotId {
  /** Exclusive: the first offset that is not in it. */
  readonly endOffset: number;
  readonly epoch: number;
}

/** What the control records of log and snapshots say about the quorum. */
export interface RaftState {
  readonly kraftVersion: number;
  /** null at kraft.version 0: voters are configuration. */
  readonly voters: VotersRecord | null;
}

/** A quorum of this node alone. */
export function soleVoter(
  nodeId: number,
  directoryId: string,
  endpoint: { readonly name: string; readonly host: string; readonly port: number },
): VotersRecord {
  const kRaftVersionFeature = { minSupportedVersion: 0, maxSupportedVersion: KRAFT_VERSION_MAX };
  const voter = {
    voterId: nodeId,
    voterDirectoryId: directoryId,
    endpoints: [endpoint],
    kRaftVersionFeature,
  };
  return { version: 0, voters: [voter] };
}

export function snapshotName({ endOffset, epoch }: SnapshotId): string {
  return `${offsetText(endOffset)}-${String(epoch).padStart(10, '0')}.checkpoint`;
}

export function parseSnapshotName(name: string): SnapshotId | null {
  const match = SNAPSHOT_NAME.exec(name);
  return match === null ? null : { endOffset: Number(match[1]), epoch: Number(match[2]) };
}

export interface SnapshotContent {
  readonly records: readonly MetadataRecord[];
  readonly raft: RaftState;
  readonly lastContainedLogTimestamp: number;
  readonly sizeBytes: number;
}

/** Throws METADATA_CORRUPT unless the file is whole: header first, footer last, every CRC right. */
export function readSnapshot(path: string, files: FileOps): SnapshotContent {
  const records: MetadataRecord[] = [];
  let raft: RaftState = { kraftVersion: 0, voters: null };
  let header: number | null = null;
  let footer = false;
  const scan = scanSegment(path, files, (view) => {
    const batch = decodeBatch(view);
    if (footer || (header === null && batch.control[0]?.type !== 'snapshotHeader')) {
      throw corrupt(path, 'snapshot records outside of header and footer');
    }
    for (const record of batch.records) records.push(record);
    for (const control of batch.control) {
      if (control.type === 'snapshotHeader') header = control.value.lastContainedLogTimestamp;
      if (control.type === 'snapshotFooter') footer = true;
      if (control.type === 'kraftVersion') raft = { ...raft, kraftVersion: control.value.kRaftVersion };
      if (control.type === 'kraftVoters') raft = { ...raft, voters: control.value };
    }
  });
  if (scan.problem !== null || header === null || !footer)
    throw corrupt(path, scan.problem ?? 'snapshot without footer');
  return { records, raft, lastContainedLogTimestamp: header, sizeBytes: scan.validBytes };
}

/** The file's bytes. */
export function encodeSnapshot(
  records: Iterable<MetadataRecordInput>,
  id: SnapshotId,
  raft: RaftState,
  times: { readonly now: number; readonly lastContainedLogTimestamp: number },
): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let offset = 0;
  const place = (): { baseOffset: number; leaderEpoch: number; timestamp: number } => ({
    baseOffset: offset,
    leaderEpoch: id.epoch,
    timestamp: times.now,
  });
  const { lastContainedLogTimestamp } = times;
  const header: ControlRecordInput[] = [{ type: 'snapshotHeader', value: { lastContainedLogTimestamp } }];
  if (raft.kraftVersion > 0) {
    header.push({ type: 'kraftVersion', value: { kRaftVersion: raft.kraftVersion } });
    if (raft.voters !== null) header.push({ type: 'kraftVoters', value: raft.voters });
  }
  parts.push(encodeControlBatch(header, place()));
  offset += header.length;
  let pending: MetadataRecordInput[] = [];
  const flush = (): void => {
    if (pending.length === 0) return;
    parts.push(encodeDataBatch(pending, place()));
    offset += pending.length;
    pending = [];
  };
  for (const record of records) {
    pending.push(record);
    if (pending.length === BATCH_RECORDS) flush();
  }
  flush();
  parts.push(encodeControlBatch([{ type: 'snapshotFooter', value: {} }], place()));
  return parts;
}

/** Writes a file of batches durably under its name: part file, fsync, mode, rename. Returns its size. */
export function writeSnapshotFile(
  path: string,
  parts: readonly Uint8Array[],
  files: FileOps,
  mode: number,
): number {
  const part = `${path}.part`;
  files.remove(part);
  let sizeBytes = 0;
  for (const bytes of parts) {
    files.append(part, bytes);
    sizeBytes += bytes.length;
  }
  files.sync(part);
  chmodSync(part, mode);
  renameDurably(part, path, files);
  return sizeBytes;
}

/** Snapshots in a metadata log directory, oldest first. */
export function listSnapshots(directory: string, files: FileOps): (SnapshotId & { readonly path: string })[] {
  return files
    .list(directory)
    .flatMap((name) => {
      const id = parseSnapshotName(name);
      return id === null ? [] : [{ ...id, path: join(directory, name) }];
    })
    .sort((a, b) => a.endOffset - b.endOffset || a.epoch - b.epoch);
}
