/**
 * All coordinators of this broker and what they share: the main thread's side of the partition seam, and the changes of
 * metadata that concern them. Main thread.
 */
import type { Report } from '../../../base/report.js';
import { systemClock } from '../../../io/clock.js';
import type { MetadataChange, MetadataNode } from '../../../metadata/metadata-node.js';
import type { GatewayHandle } from '../../../partition/gateway.js';
import type { Placement } from '../../channel.js';
import { MAIN_SLAB_BYTES, SeamLog } from './coordinator-log.js';
import { GroupCoordinator } from './group-coordinator.js';
import { ShareCoordinator } from './share-coordinator.js';
import { ShareStateStore } from './share-state-store.js';

export class Coordinators {
  readonly groups: GroupCoordinator;
  readonly shareCoordinator: ShareCoordinator;
  /** What share partitions of this broker are kept in. */
  readonly shareStates: ShareStateStore;
  /** The main thread's side of the partition seam. */
  readonly log: SeamLog;
  private readonly unfollow: () => void;

  constructor(
    handle: GatewayHandle,
    portable: boolean,
    metadata: MetadataNode,
    createTopic: (name: string) => void,
    deleteRecords: (slot: number, offset: number) => Promise<{ error: number }>,
    report: Report,
  ) {
    this.log = new SeamLog(handle, portable);
    const deps = {
      log: this.log,
      clock: systemClock,
      report,
      config: () => metadata.config,
      image: () => metadata.image,
    };
    this.groups = new GroupCoordinator(deps);
    this.shareCoordinator = new ShareCoordinator({ ...deps, deleteRecords });
    this.shareStates = new ShareStateStore({
      coordinator: this.shareCoordinator,
      createTopic,
      hasTopic: (name) => metadata.image.topicByName(name) !== undefined,
    });
    this.unfollow = metadata.onRecords((change) => this.changed(change));
  }

  /** Memory for the main thread's appends: address space, of which only what is used is touched. */
  static slab(): SharedArrayBuffer {
    return new SharedArrayBuffer(MAIN_SLAB_BYTES);
  }

  placed(placements: readonly Placement[]): void {
    this.groups.placed(placements);
    this.shareCoordinator.placed(placements);
  }

  removed(slots: readonly number[], topics: readonly string[]): void {
    this.groups.removed(slots, topics);
    this.shareCoordinator.removed(slots);
    for (const slot of slots) this.log.forget(slot);
  }

  /** While the network threads still send answers. */
  async stop(): Promise<void> {
    this.unfollow();
    this.shareStates.stop();
    await this.groups.stop();
    await this.shareCoordinator.stop();
  }

  /** After the partition workers have exited. */
  close(): void {
    this.unfollow();
    this.log.close();
  }

  private changed({ records }: MetadataChange): void {
    let topics = false;
    const deleted = new Set<string>();
    for (const record of records) {
      const { type } = record;
      if (type === 'ConfigRecord') {
        this.groups.configChanged();
        this.shareCoordinator.configChanged();
      }
      if (record.type === 'RemoveTopicRecord') deleted.add(record.value.topicId);
      topics ||= type === 'TopicRecord' || type === 'PartitionRecord' || type === 'RemoveTopicRecord';
    }
    if (deleted.size > 0) {
      this.shareCoordinator.topicsDeleted(deleted);
      this.groups.topicIdsDeleted(deleted);
    }
    if (topics) this.groups.metadataChanged();
  }
}
