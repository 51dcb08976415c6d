/** Settings of groups as the shard reads them: the broker's in force, and for one group its own over them. Main thread. */
import type { GroupSettings, MigrationPolicy } from '../../../coordinator/group/group-settings.js';
import type { BrokerConfig } from '../../../metadata/config/broker-config.js';
import { groupNumber } from '../../../metadata/config/group-config.js';
import type { MetadataImage } from '../../../metadata/image/metadata-image.js';
import { ConfigResource } from '../../../metadata/image/model.js';

const MINUTE_MS = 60_000;
const POLICIES: readonly MigrationPolicy[] = ['disabled', 'upgrade', 'downgrade', 'bidirectional'];

export class BrokerGroupSettings implements GroupSettings {
  constructor(
    private readonly config: () => BrokerConfig,
    private readonly image: () => MetadataImage,
  ) {}

  get groupMinSessionTimeoutMs(): number {
    return this.config().number('group.min.session.timeout.ms');
  }
  get groupMaxSessionTimeoutMs(): number {
    return this.config().number('group.max.session.timeout.ms');
  }
  get groupInitialRebalanceDelayMs(): number {
    return this.config().number('group.initial.rebalance.delay.ms');
  }
  get groupMaxSize(): number {
    return this.config().number('group.max.size');
  }
  get offsetMetadataMaxBytes(): number {
    return this.config().number('offset.metadata.max.bytes');
  }
  get offsetsRetentionMs(): number {
    return this.config().number('offsets.retention.minutes') * MINUTE_MS;
  }
  get offsetsRetentionCheckIntervalMs(): number {
    return this.config().number('offsets.retention.check.interval.ms');
  }
  get consumerGroupMaxSize(): number {
    return this.config().number('group.consumer.max.size');
  }
  get consumerGroupAssignors(): readonly string[] {
    return this.config().list('group.consumer.assignors');
  }
  get consumerGroupMigrationPolicy(): MigrationPolicy {
    const text = this.config().string('group.consumer.migration.policy').toLowerCase();
    return POLICIES.find((policy) => policy === text) ?? 'bidirectional';
  }
  consumerGroupSessionTimeoutMs(groupId: string): number {
    return this.ofGroup(groupId, 'consumer.session.timeout.ms');
  }
  consumerGroupHeartbeatIntervalMs(groupId: string): number {
    return this.ofGroup(groupId, 'consumer.heartbeat.interval.ms');
  }
  consumerGroupAssignmentIntervalMs(groupId: string): number {
    return this.ofGroup(groupId, 'consumer.assignment.interval.ms');
  }

  get shareGroupMaxSize(): number {
    return this.config().number('group.share.max.size');
  }
  get shareGroupInitializeRetryIntervalMs(): number {
    return this.config().number('group.share.initialize.retry.interval.ms');
  }
  shareGroupSessionTimeoutMs(groupId: string): number {
    return this.ofGroup(groupId, 'share.session.timeout.ms');
  }
  shareGroupHeartbeatIntervalMs(groupId: string): number {
    return this.ofGroup(groupId, 'share.heartbeat.interval.ms');
  }
  shareGroupAssignmentIntervalMs(groupId: string): number {
    return this.ofGroup(groupId, 'share.assignment.interval.ms');
  }

  private ofGroup(groupId: string, name: string): number {
    return groupNumber(this.config(), this.image().configs.of(ConfigResource.GROUP, groupId), name);
  }
}
