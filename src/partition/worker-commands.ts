/**
 * Commands of the main thread, carried out in the partition's worker. Owned by one worker; runs between drains, holding
 * the drain token. A command that the storage fails takes the partition offline and is answered with the reason.
 */
import { unreachable } from '../base/assert.js';
import { isDiskFull, OperationError } from '../base/errors.js';
import { KafkaError } from '../base/kafka-error.js';
import type { LogSpec, PartitionLogApi } from '../storage/contract.js';
import type { Completions } from './completions.js';
import { PartitionStatus } from './contract.js';
import type { Command } from './messages.js';
import { OpenLog, reasonOf } from './open-log.js';
import type { StateTable } from './state-table.js';

export interface CommandDeps {
  logs: Map<number, OpenLog>;
  table: StateTable;
  completions: Completions;
  /** Opens or creates the log of `slot`. Throws OperationError when it cannot be used. */
  openLog: (slot: number, spec: LogSpec) => PartitionLogApi;
  /** The log of `slot` is gone, or was never opened. */
  goOffline: (log: OpenLog, error: unknown) => void;
}

/** DeleteRecords: "up to the high watermark". */
const UP_TO_HIGH_WATERMARK = -1;

export class WorkerCommands {
  constructor(private readonly deps: CommandDeps) {}

  /** Returns the result to send; throws OperationError to answer with a failure. */
  run(command: Command): unknown {
    if (command.name === 'open') {
      const { slots, specs } = command.args;
      return { offlineReasons: specs.map((spec, index) => this.open(slots[index], spec)) };
    }
    if (command.name === 'shutdown') return this.closeAll(command.args.clean);
    const log = this.deps.logs.get(command.slot);
    if (command.name === 'delete') return this.delete(log);
    if (command.name === 'deleteRecords') return this.deleteRecords(log, command.args.offset);
    if (log === undefined || !log.online || log.api === null) {
      throw new OperationError('STORAGE_FAILED', `partition slot ${command.slot} is not online`);
    }
    try {
      return this.onLog(log, log.api, command);
    } catch (error) {
      if (!isDiskFull(error)) this.deps.goOffline(log, error);
      throw error;
    }
  }

  private onLog(
    log: OpenLog,
    api: PartitionLogApi,
    command: Exclude<Command, { name: 'open' | 'shutdown' | 'delete' | 'deleteRecords' }>,
  ): unknown {
    switch (command.name) {
      case 'setConfig':
        api.setConfig(command.args.config);
        log.publish(this.deps.completions);
        return null;
      case 'becomeLeader':
        api.becomeLeader(command.args.leaderEpoch);
        log.publish(this.deps.completions);
        return null;
      case 'flush':
        api.flush();
        log.dirtySinceMs = -1;
        log.publish(this.deps.completions);
        return null;
      case 'flushed':
        if (command.args.upTo === null) throw new OperationError('STORAGE_FAILED', command.args.reason);
        api.flushedUpTo(command.args.upTo);
        log.publish(this.deps.completions);
        return null;
      case 'describe':
        return { sizeBytes: api.sizeBytes(), producers: api.activeProducers() };
      case 'findByTimestamp':
        return api.findByTimestamp(command.args.timestamp);
      case 'findMaxTimestamp':
        return api.findMaxTimestamp();
      case 'endOffsetForEpoch':
        return api.endOffsetForEpoch(command.args.leaderEpoch);
      case 'abortedTransactions':
        return api.abortedTransactions(command.args.from, command.args.to);
      default:
        return unreachable(command);
    }
  }

  /** Why the log is offline; null = it is not. */
  private open(slot: number, spec: LogSpec): string | null {
    let log: OpenLog;
    try {
      log = new OpenLog(slot, this.deps.openLog(slot, spec), this.deps.table);
      log.publishAs(PartitionStatus.online, this.deps.completions);
    } catch (error) {
      log = new OpenLog(slot, null, this.deps.table);
      log.publishAs(PartitionStatus.offline, this.deps.completions);
      this.deps.logs.set(slot, log);
      return reasonOf(error);
    }
    this.deps.logs.set(slot, log);
    return null;
  }

  /** Partition.deleteRecordsOnLeader. */
  private deleteRecords(log: OpenLog | undefined, offset: number): { error: number; lowWatermark: number } {
    const failed = (error: number) => ({ error, lowWatermark: -1 });
    if (log === undefined) return failed(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    const { api } = log;
    if (!log.online || api === null) return failed(KafkaError.KAFKA_STORAGE_ERROR);
    if (!api.spec.config.cleanupDelete) return failed(KafkaError.POLICY_VIOLATION);
    const target = offset === UP_TO_HIGH_WATERMARK ? api.offsets.highWatermark : offset;
    if (target < 0 || target > api.offsets.highWatermark) return failed(KafkaError.OFFSET_OUT_OF_RANGE);
    try {
      if (target > api.offsets.logStartOffset) api.raiseLogStartOffset(target);
      log.publish(this.deps.completions);
      return { error: KafkaError.NONE, lowWatermark: api.offsets.logStartOffset };
    } catch (error) {
      if (!isDiskFull(error)) this.deps.goOffline(log, error);
      return failed(KafkaError.KAFKA_STORAGE_ERROR);
    }
  }

  private delete(log: OpenLog | undefined): { removed: string | null } {
    if (log === undefined) return { removed: null };
    let removed: string | null = null;
    try {
      removed = log.api?.markDeleted() ?? null;
    } finally {
      // Whatever happened on disk: the slot is gone, and who waits for it must hear that.
      this.deps.logs.delete(log.slot);
      log.publishAs(PartitionStatus.deleted, this.deps.completions);
    }
    return { removed };
  }

  /** Closes every log; the last offsets stay published, for the checkpoints that the main thread writes. */
  private closeAll(clean: boolean): null {
    let failure: unknown;
    for (const log of this.deps.logs.values()) {
      try {
        // A log that failed is not flushed again: what reached the disk is unknown.
        log.api?.close(clean && log.online);
      } catch (error) {
        failure ??= error;
      }
      log.publishAs(PartitionStatus.offline, this.deps.completions);
    }
    this.deps.logs.clear();
    if (failure !== undefined) throw failure;
    return null;
  }
}
