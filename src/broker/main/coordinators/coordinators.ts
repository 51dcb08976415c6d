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

export class Coordinators {
  readonly groups: GroupCoordinator;
  private readonly log: SeamLog;
  private readonly unfollow: () => void;

  constructor(handle: GatewayHandle, portable: boolean, metadata: MetadataNode, report: Report) {
    this.log = new SeamLog(handle, portable);
    this.groups = new GroupCoordinator({
      log: this.log,
      clock: systemClock,
      report,
      config: () => metadata.config,
      image: () => metadata.image,
    });
    this.unfollow = metadata.onRecords((change) => this.changed(change));
  }

  /** Memory for the main thread's appends: address space, of which only what is used is touched. */
  static slab(): SharedArrayBuffer {
    return new SharedArrayBuffer(MAIN_SLAB_BYTES);
  }

  placed(placements: readonly Placement[]): void {
    this.groups.placed(placements);
  }

  removed(slots: readonly number[], topics: readonly string[]): void {
    this.groups.removed(slots, topics);
    for (const slot of slots) this.log.forget(slot);
  }

  /** While the network threads still send answers. */
  async stop(): Promise<void> {
    this.unfollow();
    await this.groups.stop();
  }

  /** After the partition workers have exited. */
  close(): void {
    this.unfollow();
    this.log.close();
  }

  private changed({ records }: MetadataChange): void {
    let topics = false;
    for (const { type } of records) {
      if (type === 'ConfigRecord') this.groups.configChanged();
      topics ||= type === 'TopicRecord' || type === 'PartitionRecord' || type === 'RemoveTopicRecord';
    }
    if (topics) this.groups.metadataChanged();
  }
}
