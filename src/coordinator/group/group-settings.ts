/**
 * Configuration of groups: getters, so that a changed key is seen by the next call. Names are Kafka's keys. Those with a
 * group id can be set for one group (resource type GROUP).
 */
export type MigrationPolicy = 'disabled' | 'upgrade' | 'downgrade' | 'bidirectional';

export interface GroupSettings {
  readonly groupMinSessionTimeoutMs: number;
  readonly groupMaxSessionTimeoutMs: number;
  readonly groupInitialRebalanceDelayMs: number;
  readonly groupMaxSize: number;
  /** offset.metadata.max.bytes; Kafka counts characters. */
  readonly offsetMetadataMaxBytes: number;
  /** offsets.retention.minutes in ms. */
  readonly offsetsRetentionMs: number;
  readonly offsetsRetentionCheckIntervalMs: number;

  readonly consumerGroupMaxSize: number;
  /** In order of preference; the first is the default. */
  readonly consumerGroupAssignors: readonly string[];
  readonly consumerGroupMigrationPolicy: MigrationPolicy;
  consumerGroupSessionTimeoutMs(groupId: string): number;
  consumerGroupHeartbeatIntervalMs(groupId: string): number;
  consumerGroupAssignmentIntervalMs(groupId: string): number;

  readonly shareGroupMaxSize: number;
  readonly shareGroupInitializeRetryIntervalMs: number;
  shareGroupSessionTimeoutMs(groupId: string): number;
  shareGroupHeartbeatIntervalMs(groupId: string): number;
  shareGroupAssignmentIntervalMs(groupId: string): number;
}
