/**
 * Writes the offset checkpoints of every directory: high watermarks every replica.high.watermark.checkpoint.interval.ms,
 * recovery points and log starts every log.flush.offset.checkpoint.interval.ms, all of them at a stop. A round in which no
 * offset moved writes nothing. Main thread; offsets come from shared memory.
 */
import type { Report } from '../../base/report.js';
import type { MetadataNode } from '../../metadata/metadata-node.js';
import type { PartitionHost } from '../../partition/host.js';
import { emptyState } from '../../partition/state-table.js';
import type { LogDirectories, LogDirectory, PartitionCheckpoint } from './log-directories.js';
import type { Partitions } from './partitions.js';

type Column = 'highWatermark' | 'recoveryPoint';

export class Checkpoints {
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly state = emptyState();
  /** Sum of what was last written, by directory and column: offsets only grow, so an equal sum means nothing moved. */
  private readonly written = new Map<string, number>();

  constructor(
    private readonly directories: LogDirectories,
    private readonly partitions: Partitions,
    private readonly host: PartitionHost,
    private readonly metadata: MetadataNode,
    private readonly report: Report,
  ) {}

  start(): void {
    const { config } = this.metadata;
    this.every(config.number('replica.high.watermark.checkpoint.interval.ms'), () =>
      this.write('highWatermark'),
    );
    this.every(config.number('log.flush.offset.checkpoint.interval.ms'), () => {
      this.write('recoveryPoint');
      this.metadata.snapshotIfDue();
    });
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** Every checkpoint, moved or not. */
  writeAll(): void {
    this.written.clear();
    this.write('highWatermark');
    this.write('recoveryPoint');
  }

  private every(ms: number, work: () => void): void {
    this.timers.push(setInterval(work, Math.max(1, ms)).unref());
  }

  private rows(directory: LogDirectory): PartitionCheckpoint[] {
    const rows: PartitionCheckpoint[] = [];
    for (const hosted of this.partitions.all()) {
      if (hosted.directory !== directory || hosted.offlineReason !== null) continue;
      this.host.readState(hosted.slot, this.state);
      const { topic, partition } = hosted;
      const { recoveryPoint, logStartOffset, highWatermark } = this.state;
      rows.push({ topic, partition, recoveryPoint, logStartOffset, highWatermark });
    }
    return rows;
  }

  private write(column: Column): void {
    for (const directory of this.directories.all) {
      if (directory.offlineReason !== null) continue;
      const rows = this.rows(directory);
      const sum = rows.reduce(
        (total, row) => total + row[column] + (column === 'recoveryPoint' ? row.logStartOffset : 0),
        rows.length,
      );
      const key = `${column} ${directory.path}`;
      if (this.written.get(key) === sum) continue;
      this.writeOne(directory, column, rows);
      this.written.set(key, sum);
    }
  }

  private writeOne(directory: LogDirectory, column: Column, rows: PartitionCheckpoint[]): void {
    try {
      if (column === 'highWatermark') directory.writeHighWatermarks(rows);
      else directory.writeRecoveryPoints(rows);
    } catch (error) {
      // Checkpoints only shorten the next recovery: the logs themselves are whole without this one.
      const why = error instanceof Error ? error.message : String(error);
      this.report('error', `Writing checkpoints of ${directory.path} failed: ${why}`, {
        directory: directory.path,
      });
    }
  }
}
