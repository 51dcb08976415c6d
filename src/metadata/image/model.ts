/** The values a metadata image is made of. All are replaced, never changed: a reader may keep what it was given. */

export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';
/** Reserved directory ids (DirectoryId.java). */
export const DIRECTORY_MIGRATING = ZERO_UUID;
export const DIRECTORY_UNASSIGNED = 'AAAAAAAAAAAAAAAAAAAAAQ';
export const DIRECTORY_LOST = 'AAAAAAAAAAAAAAAAAAAAAg';
/** Topic id of `__cluster_metadata`. */
export const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
export const NO_LEADER = -1;

/** Numbers of LeaderRecoveryState. */
export const LeaderRecovery = { recovered: 0, recovering: 1 } as const;

/** ConfigResource types that the metadata log stores. */
export const ConfigResource = {
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
} as const;

export interface PartitionImage {
  readonly index: number;
  /** Broker ids in preferred order. */
  readonly replicas: readonly number[];
  /** Directory id of each replica, in the order of `replicas`. */
  readonly directories: readonly string[];
  readonly isr: readonly number[];
  readonly removingReplicas: readonly number[];
  readonly addingReplicas: readonly number[];
  /** Eligible leader replicas (KIP-966). */
  readonly elr: readonly number[];
  readonly lastKnownElr: readonly number[];
  /** -1 = none. */
  readonly leader: number;
  readonly leaderRecoveryState: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
}

export interface TopicImage {
  readonly id: string;
  readonly name: string;
  /** By partition index. */
  readonly partitions: ReadonlyMap<number, PartitionImage>;
}

export interface EndpointImage {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly securityProtocol: number;
}

export interface FeatureRange {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

export interface BrokerImage {
  readonly id: number;
  readonly epoch: number;
  readonly incarnationId: string;
  readonly endpoints: readonly EndpointImage[];
  readonly features: readonly FeatureRange[];
  readonly rack: string | null;
  readonly fenced: boolean;
  readonly inControlledShutdown: boolean;
  /** Directory ids that are online. */
  readonly directories: readonly string[];
  /** null = the broker has not said yet. */
  readonly cordonedDirectories: readonly string[] | null;
}
