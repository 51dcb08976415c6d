/**
 * The partitions this broker hosts: which slot and directory each has, opened, reconfigured and deleted as the metadata
 * image says (LogManager.scala, ReplicaManager.applyDelta). Main thread; the logs themselves live with their workers.
 */
import { join } from 'node:path';
import type { Report } from '../../base/report.js';
import type { BrokerConfig } from '../../metadata/config/broker-config.js';
import { toLogConfig } from '../../metadata/config/topic-config.js';
import type { MetadataImage } from '../../metadata/image/metadata-image.js';
import type { PartitionImage, TopicImage } from '../../metadata/image/model.js';
import type { PartitionHost } from '../../partition/host.js';
import type { LogConfig } from '../../storage/contract.js';
import { partitionDirectoryName } from '../../storage/files/file-names.js';
import { systemFiles } from '../../storage/files/file-ops.js';
import type { Placement } from '../channel.js';
import type { LogDirectories, LogDirectory } from './log-directories.js';

export interface HostedPartition {
  readonly topicId: string;
  readonly topic: string;
  readonly partition: number;
  readonly slot: number;
  readonly directory: LogDirectory;
  leaderEpoch: number;
  offlineReason: string | null;
}

interface NewPartition {
  readonly key: string;
  readonly topic: TopicImage;
  readonly partition: PartitionImage;
  readonly config: LogConfig;
}

export interface PartitionsDeps {
  readonly nodeId: number;
  readonly host: PartitionHost;
  readonly directories: LogDirectories;
  readonly report: Report;
  config(): BrokerConfig;
  placed(placements: Placement[]): void;
  /** Partitions are gone, and with them the topics of these names. */
  removed(slots: number[], topics: string[]): void;
}

function keyOf(topicId: string, partition: number): string {
  return `${topicId}/${partition}`;
}

export class Partitions {
  private readonly hosted = new Map<string, HostedPartition>();
  /** Opening now: a second request for the same partition waits for the first. */
  private readonly opening = new Map<string, Promise<void>>();
  /** Directory of each partition found on disk at the start, by `<topic>-<partition>`. */
  private found = new Map<string, LogDirectory>();

  constructor(private readonly deps: PartitionsDeps) {}

  get(topicId: string, partition: number): HostedPartition | undefined {
    return this.hosted.get(keyOf(topicId, partition));
  }

  all(): IterableIterator<HostedPartition> {
    return this.hosted.values();
  }

  /** Looks what lies in the directories; leftovers of deletions are removed. Before the first `apply`. */
  scan(): void {
    for (const directory of this.deps.directories.all) {
      for (const { name, parsed } of directory.scan()) {
        if (parsed.kind === 'delete') systemFiles.removeTree(join(directory.path, name));
        else if (parsed.kind === 'partition') this.found.set(name, directory);
      }
    }
  }

  /** Brings what is hosted in line with the image; resolves when every new partition is open. */
  async apply(image: MetadataImage, topicIds: ReadonlySet<string> | 'all'): Promise<void> {
    const topics =
      topicIds === 'all' ? image.topics.all() : [...topicIds].flatMap((id) => image.topicById(id) ?? []);
    await Promise.all([this.deleteGone(image), ...this.bringInLine(image, topics)]);
  }

  /** One promise for all that is new, one for each that is being opened or whose leadership moved on. */
  private bringInLine(image: MetadataImage, topics: Iterable<TopicImage>): Promise<void>[] {
    const running: Promise<void>[] = [];
    const fresh: NewPartition[] = [];
    for (const topic of topics) {
      // One object for all: it travels and is kept once.
      const config = toLogConfig(this.deps.config(), image.topicConfig(topic.name));
      for (const partition of topic.partitions.values()) {
        if (!partition.replicas.includes(this.deps.nodeId)) continue;
        const key = keyOf(topic.id, partition.index);
        const hosted = this.hosted.get(key);
        const opening = this.opening.get(key);
        if (hosted !== undefined) {
          if (this.hasMovedOn(hosted, partition)) running.push(this.follow(hosted, partition));
        } else if (opening !== undefined) running.push(opening);
        else fresh.push({ key, topic, partition, config });
      }
    }
    if (fresh.length > 0) running.push(this.openOnce(fresh));
    return running;
  }

  private openOnce(fresh: readonly NewPartition[]): Promise<void> {
    const opened = this.open(fresh).finally(() => {
      for (const { key } of fresh) this.opening.delete(key);
    });
    for (const { key } of fresh) this.opening.set(key, opened);
    return opened;
  }

  private hasMovedOn(hosted: HostedPartition, { leaderEpoch, leader }: PartitionImage): boolean {
    return leaderEpoch > hosted.leaderEpoch && leader === this.deps.nodeId;
  }

  /** Leadership moved on: the log's epoch follows. */
  private async follow(hosted: HostedPartition, partition: PartitionImage): Promise<void> {
    hosted.leaderEpoch = partition.leaderEpoch;
    if (hosted.offlineReason === null) await this.deps.host.becomeLeader(hosted.slot, partition.leaderEpoch);
  }

  private async open(fresh: readonly NewPartition[]): Promise<void> {
    const chosen = fresh.map((one) => this.chooseDirectory(one));
    const opened = await this.deps.host.openAll(
      fresh.map(({ topic, partition, config }, position) => {
        const directory = chosen[position];
        return {
          directory: join(directory.path, partitionDirectoryName(topic.name, partition.index)),
          topic: topic.name,
          partition: partition.index,
          topicId: topic.id,
          config,
          ...directory.offsetsOf(topic.name, partition.index),
          cleanShutdown: directory.clean !== null,
          sameBoot: directory.sameBoot,
          leaderEpoch: partition.leaderEpoch,
        };
      }),
    );
    const placements = fresh.map(({ key, topic, partition }, position): Placement => {
      const { slot, offlineReason } = opened[position];
      const { index, leaderEpoch } = partition;
      const directory = chosen[position];
      const name = partitionDirectoryName(topic.name, index);
      if (offlineReason !== null) {
        this.deps.report('error', `${name} is offline: ${offlineReason}`, { partition: name });
      }
      this.hosted.set(key, {
        topicId: topic.id,
        topic: topic.name,
        partition: index,
        slot,
        directory,
        leaderEpoch,
        offlineReason,
      });
      return { topicId: topic.id, partition: index, slot, directory: join(directory.path, name) };
    });
    this.deps.placed(placements);
  }

  /** Where it was found at the start, else where the metadata put it, else where the fewest are. */
  private chooseDirectory({ topic, partition }: NewPartition): LogDirectory {
    const name = partitionDirectoryName(topic.name, partition.index);
    const directory = this.found.get(name) ?? this.assigned(partition) ?? this.deps.directories.leastLoaded();
    this.found.delete(name);
    directory.partitions++;
    return directory;
  }

  /** The directory that the metadata assigned to this broker's replica. */
  private assigned({ replicas, directories }: PartitionImage): LogDirectory | undefined {
    const found = this.deps.directories.byId(directories[replicas.indexOf(this.deps.nodeId)] ?? '');
    return found?.offlineReason === null ? found : undefined;
  }

  private async deleteGone(image: MetadataImage): Promise<void> {
    const gone = [...this.hosted].filter(
      ([, { topicId, partition }]) => image.partition(topicId, partition) === undefined,
    );
    if (gone.length === 0) return;
    for (const [key, { directory }] of gone) {
      this.hosted.delete(key);
      directory.partitions--;
    }
    this.deps.removed(
      gone.map(([, { slot }]) => slot),
      [...new Set(gone.map(([, { topic }]) => topic))],
    );
    await Promise.all(gone.map(([, { slot }]) => this.deps.host.delete(slot)));
  }

  /** A topic's or the broker's settings changed. */
  async reconfigure(image: MetadataImage, topics: ReadonlySet<string> | 'all'): Promise<void> {
    const affected = [...this.hosted.values()].filter(
      ({ topic, offlineReason }) => offlineReason === null && (topics === 'all' || topics.has(topic)),
    );
    await Promise.all(
      affected.map(({ slot, topic }) =>
        this.deps.host.setConfig(slot, toLogConfig(this.deps.config(), image.topicConfig(topic))),
      ),
    );
  }

  /** The storage of a partition failed while it was in use. */
  markOffline(slot: number, reason: string): void {
    for (const hosted of this.hosted.values()) {
      if (hosted.slot !== slot) continue;
      hosted.offlineReason = reason;
      const name = partitionDirectoryName(hosted.topic, hosted.partition);
      this.deps.report('error', `${name} is offline: ${reason}`, { partition: name });
    }
  }

  /** Directories on disk that no topic of the metadata owns: named, left alone. */
  reportStrays(): void {
    for (const [name, directory] of this.found) {
      const path = join(directory.path, name);
      this.deps.report('warn', `${path} belongs to no topic of this cluster and is not served`, {
        directory: path,
      });
    }
    this.found = new Map();
  }
}
