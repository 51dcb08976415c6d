/**
 * metadata.version: which record versions may be written at which level (MetadataVersion.java). Every older record
 * version is read. Levels below 7 (3.3-IV3) cannot be opened by Kafka 4.x either; above 30 (4.3-IV0) nothing is known.
 */
import { OperationError } from '../../base/errors.js';

export const METADATA_VERSION_FEATURE = 'metadata.version';
export const METADATA_VERSION_MIN = 7;
export const METADATA_VERSION_MAX = 30;

/** First level that knows each thing. */
const Level = {
  migration: 8, // 3.4-IV0: RegisterBroker v2
  metadataTransactions: 14, // 3.6-IV2
  controllerRegistration: 15, // 3.7-IV0
  directoryAssignment: 17, // 3.7-IV2: directories in broker and partition records
  eligibleLeaderReplicas: 23, // 4.0-IV1
  cordonedDirectories: 30, // 4.3-IV0
} as const;

export function checkMetadataVersion(level: number): void {
  if (level >= METADATA_VERSION_MIN && level <= METADATA_VERSION_MAX) return;
  throw new OperationError(
    'METADATA_VERSION_UNSUPPORTED',
    `The directory has metadata.version ${level}; this program opens ${METADATA_VERSION_MIN} (3.3-IV3) to ` +
      `${METADATA_VERSION_MAX} (4.3-IV0). Upgrade or downgrade it with Kafka's own tools first.`,
  );
}

/** What a metadata.version allows to be written. */
export interface RecordVersions {
  readonly registerBroker: number;
  readonly partition: number;
  readonly partitionChange: number;
  readonly controllerRegistration: boolean;
  readonly transactions: boolean;
  readonly directories: boolean;
  readonly eligibleLeaderReplicas: boolean;
  readonly cordonedDirectories: boolean;
}

export function recordVersions(level: number): RecordVersions {
  const directories = level >= Level.directoryAssignment;
  const elr = level >= Level.eligibleLeaderReplicas;
  const cordoned = level >= Level.cordonedDirectories;
  const partition = elr ? 2 : directories ? 1 : 0;
  return {
    registerBroker: cordoned ? 4 : directories ? 3 : level >= Level.migration ? 2 : 1,
    partition,
    partitionChange: partition,
    controllerRegistration: level >= Level.controllerRegistration,
    transactions: level >= Level.metadataTransactions,
    directories,
    eligibleLeaderReplicas: elr,
    cordonedDirectories: cordoned,
  };
}

/** Features of 4.3.1 with the range this program supports and the level a new directory gets. */
export const FEATURES: readonly (FeatureSupport & { readonly initial: number })[] = [
  { name: METADATA_VERSION_FEATURE, min: METADATA_VERSION_MIN, max: METADATA_VERSION_MAX, initial: 30 },
  { name: 'eligible.leader.replicas.version', min: 0, max: 1, initial: 1 },
  { name: 'group.version', min: 0, max: 1, initial: 1 },
  { name: 'share.version', min: 0, max: 1, initial: 1 },
  { name: 'streams.version', min: 0, max: 1, initial: 1 },
  { name: 'transaction.version', min: 0, max: 2, initial: 2 },
];
interface FeatureSupport {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}
/** kraft.version is a feature too, but lives in control records. */
export const KRAFT_VERSION_FEATURE = 'kraft.version';
export const KRAFT_VERSION_MAX = 1;

/** Levels up to METADATA_VERSION_MAX that changed what records may hold (MetadataVersion.didMetadataChange). */
const LEVELS_THAT_CHANGE_RECORDS: readonly number[] = [8, 11, 13, 14, 15, 17, 23, 30];

/** Going down from `from` to `to` would lose what some record holds. */
export function metadataChangedBetween(to: number, from: number): boolean {
  return LEVELS_THAT_CHANGE_RECORDS.some((level) => level > to && level <= from);
}
