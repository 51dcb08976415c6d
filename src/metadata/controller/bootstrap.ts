/** The first records of a new metadata log (ActivationRecordsGenerator): feature levels, and what ELR needs. */
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import { FEATURES, METADATA_VERSION_FEATURE, recordVersions } from '../image/metadata-version.js';
import { ConfigResource } from '../image/model.js';

/** Feature levels that a new directory gets. */
export function initialFeatureRecords(): MetadataRecordInput[] {
  return FEATURES.map(({ name, initial }) => ({
    type: 'FeatureLevelRecord',
    version: 0,
    value: { name, featureLevel: initial },
  }));
}

/** One batch: the records of bootstrap.checkpoint in a transaction, plus the cluster-wide min.insync.replicas. */
export function bootstrapBatch(
  bootstrap: readonly MetadataRecordInput[],
  minInsyncReplicas: string,
): MetadataRecordInput[] {
  const records = [...bootstrap];
  if (levelIn(bootstrap, 'eligible.leader.replicas.version') > 0) {
    // with ELR the broker's own setting must not differ from node to node: it moves into the log
    const value = {
      resourceType: ConfigResource.BROKER,
      resourceName: '',
      name: 'min.insync.replicas',
      value: minInsyncReplicas,
    };
    records.push({ type: 'ConfigRecord', version: 0, value });
  }
  if (!recordVersions(levelIn(bootstrap, METADATA_VERSION_FEATURE)).transactions) return records;
  return [
    { type: 'BeginTransactionRecord', version: 0, value: { name: 'Bootstrap records' } },
    ...records,
    { type: 'EndTransactionRecord', version: 0, value: {} },
  ];
}

function levelIn(records: readonly MetadataRecordInput[], feature: string): number {
  let level = 0;
  for (const record of records) {
    if (record.type === 'FeatureLevelRecord' && record.value.name === feature)
      level = record.value.featureLevel ?? 0;
  }
  return level;
}
