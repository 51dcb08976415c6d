/** Settings of a share group as its partitions read them: its own over the broker's (ShareGroupConfigProvider). Main thread. */
import type { ShareLimits } from '../../../coordinator/share-partition/share-partition.js';
import type { BrokerConfig } from '../../../metadata/config/broker-config.js';
import { GROUP_KEYS } from '../../../metadata/config/catalog.js';
import { groupNumber } from '../../../metadata/config/group-config.js';
import type { MetadataImage } from '../../../metadata/image/metadata-image.js';
import { ConfigResource } from '../../../metadata/image/model.js';

export interface ShareGroupSettings extends ShareLimits {
  readonly lockDurationMs: number;
  /** share.auto.offset.reset: earliest, latest or by_duration:<ISO 8601>. */
  readonly autoOffsetReset: string;
  readonly readsCommittedOnly: boolean;
  readonly renewsLocks: boolean;
}

/** The settings of `groupId` in force now. */
export function shareGroupSettings(
  config: BrokerConfig,
  image: MetadataImage,
  groupId: string,
): ShareGroupSettings {
  const own = image.configs.of(ConfigResource.GROUP, groupId);
  const number = (name: string): number => groupNumber(config, own, name);
  // Keys of groups alone: no setting of the broker gives them another default.
  const text = (name: string): string => own.get(name) ?? GROUP_KEYS.get(name)?.default ?? '';
  return {
    deliveriesMax: number('share.delivery.count.limit'),
    inFlightMax: number('share.partition.max.record.locks'),
    lockDurationMs: number('share.record.lock.duration.ms'),
    autoOffsetReset: text('share.auto.offset.reset'),
    readsCommittedOnly: text('share.isolation.level') === 'read_committed',
    renewsLocks: text('share.renew.acknowledge.enable') !== 'false',
  };
}
