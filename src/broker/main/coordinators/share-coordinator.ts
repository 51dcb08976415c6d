/**
 * The share coordinator of this broker (ShareCoordinatorService): the shards of __share_group_state, found by share
 * partition. Handlers of the state APIs ask here; the broker's own share partitions ask through `share-state-store.ts`.
 * Main thread.
 */
import type { Report } from '../../../base/report.js';
import type { Outcome, RequestToken } from '../../../coordinator/framework/contract.js';
import { shareRecordSerde } from '../../../coordinator/share/share-record-serde.js';
import {
  type SharePartitionKey,
  type ShareRecord,
  sharePartitionName,
} from '../../../coordinator/share/share-records.js';
import { ShareShard } from '../../../coordinator/share/share-shard.js';
import type { Clock } from '../../../io/clock.js';
import type { BrokerConfig } from '../../../metadata/config/broker-config.js';
import { toLogConfig } from '../../../metadata/config/topic-config.js';
import type { MetadataImage } from '../../../metadata/image/metadata-image.js';
import { Codec, codecOf } from '../../../record/layout.js';
import type { Placement } from '../../channel.js';
import { partitionOfKey } from '../../coordinator-partition.js';
import { SHARE_STATE_TOPIC } from '../../internal-topics.js';
import type { CoordinatorLog } from './coordinator-log.js';
import { CoordinatorRuntime } from './coordinator-runtime.js';
import type { BatchRules } from './decision.js';
import { ShareLogPruning } from './share-log-pruning.js';

export interface ShareCoordinatorDeps {
  readonly log: CoordinatorLog;
  readonly clock: Clock;
  readonly report: Report;
  config(): BrokerConfig;
  image(): MetadataImage;
  /** Raises the start of a partition's log; `error`: KafkaError. */
  deleteRecords(slot: number, offset: number): Promise<{ error: number }>;
}

export type DecideShare = (shard: ShareShard, token: RequestToken, nowMs: number) => Outcome<ShareRecord>;

export class ShareCoordinator {
  readonly #runtime: CoordinatorRuntime<ShareShard, ShareRecord>;
  /** Id and partition count of the topic since it was first seen here: what a key belongs to must not change meanwhile. */
  #topic: { id: string; partitions: number } | undefined;
  #batchRules: BatchRules | undefined;
  readonly #slots = new Map<number, number>();
  readonly #pruning: ShareLogPruning;

  constructor(private readonly deps: ShareCoordinatorDeps) {
    const settings = {
      get snapshotUpdateRecordsPerSnapshot() {
        return deps.config().number('share.coordinator.snapshot.update.records.per.snapshot');
      },
      get coldPartitionSnapshotIntervalMs() {
        return deps.config().number('share.coordinator.cold.partition.snapshot.interval.ms');
      },
    };
    const partitionsOf = (topicId: string) => deps.image().topicById(topicId)?.partitions.size ?? 0;
    this.#runtime = new CoordinatorRuntime({
      topic: SHARE_STATE_TOPIC,
      log: deps.log,
      serde: shareRecordSerde,
      clock: deps.clock,
      report: deps.report,
      newShard: () => new ShareShard({ settings, partitionsOf }),
      rules: () => this.#rules(),
    });
    this.#pruning = new ShareLogPruning({
      report: deps.report,
      intervalMs: () => deps.config().number('share.coordinator.state.topic.prune.interval.ms'),
      slots: () => this.#slots,
      redundantBefore: (partition) =>
        this.#runtime.ask<number | null>(
          partition,
          (shard, token) => shard.tellRedundant(token),
          () => null,
        ),
      deleteRecords: (slot, offset) => deps.deleteRecords(slot, offset),
    });
  }

  /** Partitions were opened: those of the topic get their shards. */
  placed(placements: readonly Placement[]): void {
    const topic = this.deps.image().topicByName(SHARE_STATE_TOPIC);
    if (topic === undefined) return;
    for (const { topicId, partition, slot } of placements) {
      if (topicId !== topic.id) continue;
      if (this.#topic?.id !== topicId) this.#topic = { id: topicId, partitions: topic.partitions.size };
      if (partition >= this.#topic.partitions) continue;
      this.#runtime.open(partition, slot);
      this.#slots.set(partition, slot);
      this.#pruning.start();
    }
  }

  removed(slots: readonly number[]): void {
    for (const [partition, slot] of [...this.#slots]) {
      if (!slots.includes(slot)) continue;
      this.#slots.delete(partition);
      this.#pruning.forget(slot);
      this.#runtime.closeSlot(slot);
    }
  }

  /** Nobody will ask for what their share partitions had reached; a topic of the same name has another id. */
  topicsDeleted(topicIds: ReadonlySet<string>): void {
    this.#runtime.tell((shard, nowMs) => shard.onTopicsDeleted(topicIds, nowMs));
  }

  /** Settings of the broker or of a topic changed. */
  configChanged(): void {
    this.#batchRules = undefined;
  }

  /** Asks the shard of `key`; `failure` makes the answer when there is none to ask. */
  ask<Response>(
    key: SharePartitionKey,
    decide: DecideShare,
    failure: (error: number) => Response,
  ): Promise<Response> {
    const partition = partitionOfKey(sharePartitionName(key), this.#topic?.partitions ?? 1);
    return this.#runtime.ask(partition, decide, failure);
  }

  /** Writes and answers what was decided, sends the rest away. */
  stop(): Promise<void> {
    this.#pruning.stop();
    return this.#runtime.stop();
  }

  #rules(): BatchRules {
    if (this.#batchRules === undefined) {
      const config = this.deps.config();
      const { maxMessageBytes } = toLogConfig(config, this.deps.image().topicConfig(SHARE_STATE_TOPIC));
      const codec = codecOf(config.number('share.coordinator.state.topic.compression.codec')) ?? Codec.none;
      this.#batchRules = { bytesMax: maxMessageBytes, codec };
    }
    return this.#batchRules;
  }
}
