/**
 * Groups on this broker (GroupCoordinatorService): the shards of __consumer_offsets, found by group id, and the metadata
 * they follow. Handlers ask here. Main thread.
 */
import { randomUUID } from 'node:crypto';
import { KafkaError } from '../../../base/kafka-error.js';
import type { Report } from '../../../base/report.js';
import type { Outcome } from '../../../coordinator/framework/contract.js';
import type { GroupCall } from '../../../coordinator/group/group-call.js';
import { GroupShard } from '../../../coordinator/group/group-shard.js';
import type { GroupRecord } from '../../../coordinator/group/records/group-record.js';
import { groupRecordSerde } from '../../../coordinator/group/records/group-record-serde.js';
import type { Clock } from '../../../io/clock.js';
import type { BrokerConfig } from '../../../metadata/config/broker-config.js';
import { toLogConfig } from '../../../metadata/config/topic-config.js';
import type { MetadataImage } from '../../../metadata/image/metadata-image.js';
import { Codec, codecOf } from '../../../record/layout.js';
import type { Placement } from '../../channel.js';
import { partitionOfKey } from '../../coordinator-partition.js';
import type { Call } from '../../handler.js';
import { GROUP_TOPIC } from '../../internal-topics.js';
import type { CoordinatorLog } from './coordinator-log.js';
import { CoordinatorRuntime } from './coordinator-runtime.js';
import type { BatchRules } from './decision.js';
import { BrokerGroupSettings } from './group-settings.js';
import { ImageTopics } from './image-topics.js';

export interface GroupCoordinatorDeps {
  readonly log: CoordinatorLog;
  readonly clock: Clock;
  readonly report: Report;
  config(): BrokerConfig;
  image(): MetadataImage;
}

type Decide = (shard: GroupShard, call: GroupCall, nowMs: number) => Outcome<GroupRecord>;

export class GroupCoordinator {
  private readonly runtime: CoordinatorRuntime<GroupShard, GroupRecord>;
  /** Id and partition count of the topic since it was first seen here: what a key belongs to must not change meanwhile. */
  private topic: { id: string; partitions: number } | undefined;
  private changeSeen = false;
  private batchRules: BatchRules | undefined;

  constructor(private readonly deps: GroupCoordinatorDeps) {
    const topics = new ImageTopics(() => deps.image());
    const settings = new BrokerGroupSettings(
      () => deps.config(),
      () => deps.image(),
    );
    this.runtime = new CoordinatorRuntime({
      topic: GROUP_TOPIC,
      log: deps.log,
      serde: groupRecordSerde,
      clock: deps.clock,
      report: deps.report,
      newShard: () =>
        new GroupShard({ topics: () => topics, settings, randomUuid: randomUUID, report: deps.report }),
      rules: () => this.rules(),
    });
  }

  /** Partitions were opened: those of the topic get their shards. */
  placed(placements: readonly Placement[]): void {
    const topic = this.deps.image().topicByName(GROUP_TOPIC);
    if (topic === undefined) return;
    for (const { topicId, partition, slot } of placements) {
      if (topicId !== topic.id) continue;
      if (this.topic?.id !== topicId) this.topic = { id: topicId, partitions: topic.partitions.size };
      if (partition < this.topic.partitions) this.runtime.open(partition, slot);
    }
  }

  /** Partitions are gone, and with them the topics of these names. */
  removed(slots: readonly number[], topics: readonly string[]): void {
    for (const slot of slots) this.runtime.closeSlot(slot);
    if (topics.length > 0) this.runtime.tell((shard, nowMs) => shard.onTopicsDeleted([...topics], nowMs));
  }

  /** Share groups keep state by topic id. */
  topicIdsDeleted(topicIds: ReadonlySet<string>): void {
    this.runtime.tell((shard, nowMs) => shard.onTopicIdsDeleted(topicIds, nowMs));
  }

  /** Topics or partitions came or went; many changes in a row are one event for the shards. */
  metadataChanged(): void {
    if (this.changeSeen || this.runtime.partitions.length === 0) return;
    this.changeSeen = true;
    setImmediate(() => {
      this.changeSeen = false;
      this.runtime.tell((shard, nowMs) => shard.onMetadataChanged(nowMs));
    });
  }

  /** KIP-848 groups: the cluster's group.version and the configuration must both allow them. */
  get offersConsumerProtocol(): boolean {
    const protocols = this.deps.config().list('group.coordinator.rebalance.protocols');
    return this.deps.image().featureLevel('group.version') > 0 && protocols.includes('consumer');
  }

  /** Asks the shard of `groupId`; `failure` makes the answer when there is none to ask. */
  ask<Response>(
    call: Call,
    groupId: string,
    decide: Decide,
    failure: (error: number) => Response,
  ): Promise<Response> {
    return this.askPartition(call, this.partitionOf(groupId), decide, failure);
  }

  /** Asks for many groups, once a shard; the answers are joined. */
  async askForGroups<Element>(
    call: Call,
    groupIds: readonly string[],
    decide: (shard: GroupShard, call: GroupCall, groupIds: string[], nowMs: number) => Outcome<GroupRecord>,
    failure: (groupId: string, error: number) => Element,
  ): Promise<Element[]> {
    const byPartition = new Map<number, string[]>();
    for (const groupId of groupIds) {
      const partition = this.partitionOf(groupId);
      const ids = byPartition.get(partition);
      if (ids === undefined) byPartition.set(partition, [groupId]);
      else ids.push(groupId);
    }
    const answers = [...byPartition].map(([partition, ids]) =>
      this.askPartition(
        call,
        partition,
        (shard, groupCall, nowMs) => decide(shard, groupCall, ids, nowMs),
        (error) => ids.map((groupId) => failure(groupId, error)),
      ),
    );
    return (await Promise.all(answers)).flat();
  }

  /** Asks every shard. A shard that is none (any more) has no groups; another error is everybody's. */
  async askAll<Element>(call: Call, decide: Decide): Promise<{ error: number; elements: Element[] }> {
    const answers = await Promise.all(
      this.runtime.partitions.map((partition) =>
        this.askPartition<Element[] | number>(call, partition, decide, (error) => error),
      ),
    );
    const elements: Element[] = [];
    for (const answer of answers) {
      if (typeof answer !== 'number') elements.push(...answer);
      else if (answer !== KafkaError.NOT_COORDINATOR) return { error: answer, elements: [] };
    }
    return { error: 0, elements };
  }

  /** Writes and answers what was decided, sends the rest away. */
  stop(): Promise<void> {
    return this.runtime.stop();
  }

  private askPartition<Response>(
    call: Call,
    partition: number,
    decide: Decide,
    failure: (error: number) => Response,
  ): Promise<Response> {
    const { version, clientId, clientHost } = call;
    return this.runtime.ask(
      partition,
      (shard, token, nowMs) =>
        decide(shard, { token, version, clientId: clientId ?? '', clientHost: `/${clientHost}` }, nowMs),
      failure,
    );
  }

  private partitionOf(groupId: string): number {
    return partitionOfKey(groupId, this.topic?.partitions ?? 1);
  }

  /** Settings of the broker or of a topic changed. */
  configChanged(): void {
    this.batchRules = undefined;
  }

  private rules(): BatchRules {
    this.batchRules ??= this.readRules();
    return this.batchRules;
  }

  private readRules(): BatchRules {
    const config = this.deps.config();
    const { maxMessageBytes } = toLogConfig(config, this.deps.image().topicConfig(GROUP_TOPIC));
    const codec = codecOf(config.number('offsets.topic.compression.codec')) ?? Codec.none;
    return { bytesMax: maxMessageBytes, codec };
  }
}
