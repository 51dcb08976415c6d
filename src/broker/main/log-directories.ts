/**
 * The broker's log directories (LogManager.scala without the logs): lock, clean-shutdown marker, offset checkpoints, boot
 * id, which partition lies where. Main thread; small files only, never a log.
 */
import { accessSync, constants } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDiskFull, OperationError } from '../../base/errors.js';
import type { Report } from '../../base/report.js';
import type { BrokerConfig } from '../../metadata/config/broker-config.js';
import { isSameBoot, storeBootId } from '../../storage/files/boot-id.js';
import { takeCleanShutdown, writeCleanShutdown } from '../../storage/files/clean-shutdown-file.js';
import {
  type DirectoryName,
  METADATA_LOG_DIRECTORY,
  parseDirectoryName,
  partitionDirectoryName,
  REMOTE_INDEX_CACHE_DIRECTORY,
} from '../../storage/files/file-names.js';
import { systemFiles } from '../../storage/files/file-ops.js';
import { type DirectoryLock, lockDirectory } from '../../storage/files/log-dir-lock.js';
import {
  OffsetCheckpointName,
  type PartitionOffset,
  readOffsetCheckpoint,
  writeOffsetCheckpoint,
} from '../../storage/files/offset-checkpoint.js';

/** What a directory's checkpoints say about one partition; undefined = not listed. */
export interface CheckpointedOffsets {
  recoveryPoint: number | undefined;
  logStartOffset: number | undefined;
  highWatermark: number | undefined;
}

/** Offsets to write down for one partition of a directory. */
export interface PartitionCheckpoint {
  topic: string;
  partition: number;
  recoveryPoint: number;
  logStartOffset: number;
  highWatermark: number;
}

export class LogDirectory {
  /** directory.id of meta.properties. */
  id = '';
  /** Partitions hosted here, for placement by count. */
  partitions = 0;
  /** Why it is offline; null = online. */
  offlineReason: string | null = null;
  readonly sameBoot: boolean;
  readonly clean: { brokerEpoch: number } | null;
  private readonly checkpoints: Map<OffsetCheckpointName, Map<string, PartitionOffset>>;

  private constructor(
    readonly path: string,
    private readonly lock: DirectoryLock,
  ) {
    this.sameBoot = isSameBoot(path);
    const names = [
      OffsetCheckpointName.recoveryPoint,
      OffsetCheckpointName.logStart,
      OffsetCheckpointName.highWatermark,
    ];
    this.checkpoints = new Map(names.map((name) => [name, readOffsetCheckpoint(path, name)]));
    // The marker goes before any log is loaded: a crash while loading must not find it again (KAFKA-10471).
    this.clean = takeCleanShutdown(path);
  }

  /** Creates the directory if need be, checks that it is writable and takes its lock. Throws coded errors. */
  static open(path: string): LogDirectory {
    const absolute = resolve(path);
    try {
      systemFiles.makeDirectory(absolute);
      accessSync(absolute, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      throw directoryError(absolute, error);
    }
    let lock: DirectoryLock | undefined;
    try {
      lock = lockDirectory(absolute);
      return new LogDirectory(absolute, lock);
    } catch (error) {
      lock?.release();
      throw error instanceof OperationError ? error : directoryError(absolute, error);
    }
  }

  /** Directories below this one that are partitions, or leftovers to delete. Unknown ones stop the start, as in Kafka. */
  scan(): { name: string; parsed: DirectoryName }[] {
    const found: { name: string; parsed: DirectoryName }[] = [];
    for (const name of systemFiles.list(this.path)) {
      if (name === METADATA_LOG_DIRECTORY || name === REMOTE_INDEX_CACHE_DIRECTORY) continue;
      if (systemFiles.stat(join(this.path, name))?.isDirectory !== true) continue;
      const parsed = parseDirectoryName(name);
      if (parsed.kind === 'other') {
        throw new OperationError(
          'STORAGE_FAILED',
          `Found directory ${join(this.path, name)}, which is not in the form of topic-partition or ` +
            `topic-partition.uniqueId-delete. Move it out of log.dirs and start again.`,
        );
      }
      found.push({ name, parsed });
    }
    return found;
  }

  /** Partitions that its recovery points name. */
  get checkpointed(): number {
    return this.checkpoints.get(OffsetCheckpointName.recoveryPoint)?.size ?? 0;
  }

  offsetsOf(topic: string, partition: number): CheckpointedOffsets {
    const key = partitionDirectoryName(topic, partition);
    const offset = (name: OffsetCheckpointName): number | undefined =>
      this.checkpoints.get(name)?.get(key)?.offset;
    return {
      recoveryPoint: offset(OffsetCheckpointName.recoveryPoint),
      logStartOffset: offset(OffsetCheckpointName.logStart),
      highWatermark: offset(OffsetCheckpointName.highWatermark),
    };
  }

  /** From now on bytes are written in this boot; called when every log here has been recovered. */
  recovered(): void {
    storeBootId(this.path);
  }

  writeHighWatermarks(rows: readonly PartitionCheckpoint[]): void {
    const entries = rows.map(({ topic, partition, highWatermark }) => ({
      topic,
      partition,
      offset: highWatermark,
    }));
    writeOffsetCheckpoint(this.path, OffsetCheckpointName.highWatermark, entries);
  }

  writeRecoveryPoints(rows: readonly PartitionCheckpoint[]): void {
    const points = rows.map(({ topic, partition, recoveryPoint }) => ({
      topic,
      partition,
      offset: recoveryPoint,
    }));
    writeOffsetCheckpoint(this.path, OffsetCheckpointName.recoveryPoint, points);
    const starts = rows
      .filter(({ logStartOffset }) => logStartOffset > 0)
      .map(({ topic, partition, logStartOffset }) => ({ topic, partition, offset: logStartOffset }));
    writeOffsetCheckpoint(this.path, OffsetCheckpointName.logStart, starts);
  }

  close(cleanBrokerEpoch: number | undefined): void {
    if (cleanBrokerEpoch !== undefined && this.offlineReason === null)
      writeCleanShutdown(this.path, cleanBrokerEpoch);
    this.lock.release();
  }
}

function directoryError(path: string, error: unknown): OperationError {
  if (isDiskFull(error)) return diskFull(path, error);
  const why = error instanceof Error ? error.message : String(error);
  return new OperationError('DIRECTORY_NOT_WRITABLE', `Log directory ${path} cannot be used: ${why}`, {
    cause: error,
  });
}

export function diskFull(where: string, cause: unknown): OperationError {
  const message = `No space left for log directory ${where}; free some and start again.`;
  return new OperationError('DISK_FULL', message, { cause });
}

/** All of log.dirs, and the directory of the metadata log. */
export class LogDirectories {
  private constructor(
    /** In the order of log.dirs. */
    readonly all: readonly LogDirectory[],
    /** The metadata log's directory when it is none of log.dirs. */
    private readonly metadata: LogDirectory | null,
  ) {}

  /** Opens every directory; releases those already opened when one fails. */
  static open(config: BrokerConfig, report: Report): LogDirectories {
    const paths = config.logDirs.map((path) => resolve(path));
    const metadataPath = resolve(config.metadataLogDir);
    const opened: LogDirectory[] = [];
    try {
      for (const path of new Set([...paths, metadataPath])) opened.push(LogDirectory.open(path));
    } catch (error) {
      for (const directory of opened) directory.close(undefined);
      throw error;
    }
    for (const { path, clean, sameBoot } of opened) {
      if (clean === null && sameBoot) report('info', `${path} was not stopped cleanly; its logs are checked`);
    }
    const all = opened.filter(({ path }) => paths.includes(path));
    return new LogDirectories(all, opened.find(({ path }) => !paths.includes(path)) ?? null);
  }

  /** Partitions that were here when the checkpoints were last written. */
  get partitionsExpected(): number {
    return this.all.reduce((sum, directory) => sum + directory.checkpointed, 0);
  }

  /** Every directory carried the clean-shutdown marker. */
  get cleanStop(): boolean {
    return this.all.every(({ clean }) => clean !== null);
  }

  /** Ids in the order of log.dirs. */
  identify(ids: readonly string[]): void {
    this.all.forEach((directory, index) => {
      directory.id = ids[index] ?? '';
    });
  }

  byId(id: string): LogDirectory | undefined {
    return this.all.find((directory) => directory.id === id);
  }

  recovered(): void {
    for (const directory of this.all) directory.recovered();
  }

  close(cleanBrokerEpoch: number | undefined): void {
    for (const directory of this.all) directory.close(cleanBrokerEpoch);
    this.metadata?.close(undefined);
  }

  /** The online directory with the fewest partitions (Kafka's placement by count). */
  leastLoaded(): LogDirectory {
    const [first, ...rest] = this.all.filter((directory) => directory.offlineReason === null);
    if (first === undefined) throw new OperationError('STORAGE_FAILED', 'All log directories are offline.');
    return rest.reduce((best, next) => (next.partitions < best.partitions ? next : best), first);
  }
}
