/** Topics and their partitions in a metadata image (TopicsImage.java). */
import { unreachable } from '../../base/assert.js';
import { OperationError } from '../../base/errors.js';
import type { MetadataRecord } from '../../protocol/records/metadata-record.js';
import type { PartitionImage, TopicImage } from './model.js';
import { changedPartition, NO_LEADER_CHANGE, newPartition } from './partition-change.js';

type TopicTableRecord = Extract<
  MetadataRecord,
  { type: 'TopicRecord' | 'PartitionRecord' | 'PartitionChangeRecord' | 'ClearElrRecord' }
>;

interface MutableTopic extends TopicImage {
  readonly partitions: Map<number, PartitionImage>;
}

const NO_CHANGE = {
  isr: null,
  leader: NO_LEADER_CHANGE,
  replicas: null,
  removingReplicas: null,
  addingReplicas: null,
  leaderRecoveryState: -1,
  directories: null,
};

export class TopicTable {
  readonly #byId = new Map<string, MutableTopic>();
  readonly #byName = new Map<string, MutableTopic>();

  get size(): number {
    return this.#byId.size;
  }
  byId(id: string): TopicImage | undefined {
    return this.#byId.get(id);
  }
  byName(name: string): TopicImage | undefined {
    return this.#byName.get(name);
  }
  /** In the order of creation. */
  all(): IterableIterator<TopicImage> {
    return this.#byId.values();
  }
  *partitions(): IterableIterator<{ topic: TopicImage; partition: PartitionImage }> {
    for (const topic of this.#byId.values()) {
      for (const partition of topic.partitions.values()) yield { topic, partition };
    }
  }

  replay(record: TopicTableRecord): void {
    switch (record.type) {
      case 'TopicRecord': {
        const { name, topicId } = record.value;
        if (this.#byName.has(name) || this.#byId.has(topicId))
          throw corrupt(`topic ${name} (${topicId}) exists`);
        const topic: MutableTopic = { id: topicId, name, partitions: new Map() };
        this.#byId.set(topicId, topic);
        this.#byName.set(name, topic);
        return;
      }
      case 'PartitionRecord':
        this.#topic(record.value.topicId).partitions.set(
          record.value.partitionId,
          newPartition(record.value),
        );
        return;
      case 'PartitionChangeRecord': {
        const { topicId, partitionId } = record.value;
        const { partitions, name } = this.#topic(topicId);
        const before = partitions.get(partitionId);
        if (!before) throw corrupt(`change of ${name}-${partitionId}, which does not exist`);
        partitions.set(partitionId, changedPartition(before, record.value));
        return;
      }
      case 'ClearElrRecord':
        this.#clearElr(record.value.topicName);
        return;
      default:
        unreachable(record);
    }
  }

  /** Returns the name. */
  remove(topicId: string): string {
    const { name } = this.#topic(topicId);
    this.#byId.delete(topicId);
    this.#byName.delete(name);
    return name;
  }

  #topic(id: string): MutableTopic {
    const topic = this.#byId.get(id);
    if (!topic) throw corrupt(`topic id ${id} does not exist`);
    return topic;
  }

  /** Empty name = every topic. */
  #clearElr(name: string): void {
    const named = name === '' ? [...this.#byId.values()] : [this.#byName.get(name)];
    for (const topic of named) {
      if (!topic) throw corrupt(`topic ${name} does not exist`);
      for (const [index, before] of topic.partitions) {
        if (before.elr.length === 0 && before.lastKnownElr.length === 0) continue;
        const record = {
          ...NO_CHANGE,
          partitionId: index,
          topicId: topic.id,
          eligibleLeaderReplicas: [],
          lastKnownElr: [],
        };
        topic.partitions.set(index, changedPartition(before, record));
      }
    }
  }
}

function corrupt(what: string): OperationError {
  return new OperationError('METADATA_CORRUPT', `Metadata log: ${what}`);
}
