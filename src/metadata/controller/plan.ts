/** What every controller function takes and gives: pure, the caller writes the records and only then answers. */
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import type { BrokerConfig } from '../config/broker-config.js';
import type { MetadataImage } from '../image/metadata-image.js';

/** Records to write as one batch (none = nothing to do), and the answer that holds once they are durable. */
export interface Plan<Response> {
  readonly records: readonly MetadataRecordInput[];
  readonly response: Response;
}

export interface ControllerContext {
  readonly image: MetadataImage;
  /** The configuration in force: static with the dynamic settings of the image over it. */
  readonly broker: BrokerConfig;
  readonly nodeId: number;
  /** 0 = static voters, 1 = a dynamic quorum. */
  readonly kraftVersion: number;
  /** A fresh topic id. */
  readonly newUuid: () => string;
}

/** What one request may still change (controller_mutation_rate). */
export interface MutationQuota {
  /** False: the quota is exceeded, so many partitions may not be created or deleted now. */
  record(partitions: number): boolean;
  /** How long the client has to wait, after what was recorded. */
  readonly throttleMs: number;
}
export const QUOTA_EXCEEDED = 'The throttling quota has been exceeded.';

/** Most partitions one request may create (ReplicationControlManager.MAX_PARTITIONS_PER_BATCH). */
export const PARTITIONS_PER_REQUEST_MAX = 10_000;
