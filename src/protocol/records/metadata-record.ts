/**
 * Records of the metadata log (`__cluster_metadata`): the value of a record is framed as
 *
 *   frameVersion uvarint = 1 · record key uvarint · version uvarint · body
 *
 * (MetadataRecordSerde, AbstractApiMessageSerde). Record keys (Kafka's record key field) are null.
 */
import { assert } from '../../base/assert.js';
import {
  decode,
  encode,
  hasVersion,
  type Infer,
  type InferInput,
  type Message,
  type Reader,
  type Writer,
} from '../../wire/index.js';
import { noOpRecord, producerIdsRecord, zkMigrationStateRecord } from './blocks.js';
import {
  brokerRegistrationChangeRecord,
  fenceBrokerRecord,
  registerBrokerRecord,
  unfenceBrokerRecord,
  unregisterBrokerRecord,
} from './brokers.js';
import { clientQuotaRecord, configRecord, featureLevelRecord } from './configs.js';
import { registerControllerRecord } from './controllers.js';
import { partitionChangeRecord, partitionRecord } from './partitions.js';
import {
  accessControlEntryRecord,
  delegationTokenRecord,
  removeAccessControlEntryRecord,
  removeDelegationTokenRecord,
  removeUserScramCredentialRecord,
  userScramCredentialRecord,
} from './security.js';
import { clearElrRecord, removeTopicRecord, topicRecord } from './topics.js';
import { abortTransactionRecord, beginTransactionRecord, endTransactionRecord } from './transactions.js';

/** Every metadata record by Kafka's name. */
export const metadataRecords = {
  RegisterBrokerRecord: registerBrokerRecord,
  UnregisterBrokerRecord: unregisterBrokerRecord,
  TopicRecord: topicRecord,
  PartitionRecord: partitionRecord,
  ConfigRecord: configRecord,
  PartitionChangeRecord: partitionChangeRecord,
  FenceBrokerRecord: fenceBrokerRecord,
  UnfenceBrokerRecord: unfenceBrokerRecord,
  RemoveTopicRecord: removeTopicRecord,
  DelegationTokenRecord: delegationTokenRecord,
  UserScramCredentialRecord: userScramCredentialRecord,
  FeatureLevelRecord: featureLevelRecord,
  ClientQuotaRecord: clientQuotaRecord,
  ProducerIdsRecord: producerIdsRecord,
  BrokerRegistrationChangeRecord: brokerRegistrationChangeRecord,
  AccessControlEntryRecord: accessControlEntryRecord,
  RemoveAccessControlEntryRecord: removeAccessControlEntryRecord,
  NoOpRecord: noOpRecord,
  ZkMigrationStateRecord: zkMigrationStateRecord,
  RemoveUserScramCredentialRecord: removeUserScramCredentialRecord,
  BeginTransactionRecord: beginTransactionRecord,
  EndTransactionRecord: endTransactionRecord,
  AbortTransactionRecord: abortTransactionRecord,
  RemoveDelegationTokenRecord: removeDelegationTokenRecord,
  RegisterControllerRecord: registerControllerRecord,
  ClearElrRecord: clearElrRecord,
} as const;

export type MetadataRecordType = keyof typeof metadataRecords;

/** A decoded record: `switch (record.type)` narrows `value`. */
export type MetadataRecord = {
  [Type in MetadataRecordType]: {
    readonly type: Type;
    readonly version: number;
    readonly value: Infer<(typeof metadataRecords)[Type]>;
  };
}[MetadataRecordType];

/** A record to write; fields left out take their defaults. Every MetadataRecord is one. */
export type MetadataRecordInput = {
  [Type in MetadataRecordType]: {
    readonly type: Type;
    readonly version: number;
    readonly value: InferInput<(typeof metadataRecords)[Type]>;
  };
}[MetadataRecordType];

const FRAME_VERSION = 1;

const TYPES: (MetadataRecordType | undefined)[] = [];
for (const [type, message] of Object.entries(metadataRecords)) {
  assert(message.key !== null && TYPES[message.key] === undefined, `record key ${message.key} is taken`);
  TYPES[message.key] = type as MetadataRecordType;
}

/** Newest version of a record that the schema has. Which one may be written depends on metadata.version. */
export function latestVersion(type: MetadataRecordType): number {
  return metadataRecords[type].versions[1];
}

/** Appends a framed record (the value of a log record). Throws as `encode` does. */
export function encodeMetadataRecord(writer: Writer, record: MetadataRecordInput): void {
  const message = metadataRecords[record.type] as Message<unknown, object>;
  assert(message.key !== null, `${record.type} has a record key`);
  writer.uvarint(FRAME_VERSION);
  writer.uvarint(message.key);
  writer.uvarint(record.version);
  encode(message, record.version, writer, record.value);
}

/** Reads a framed record up to the end of the reader. Throws WireError: unknown key or version, trailing bytes. */
export function decodeMetadataRecord(reader: Reader): MetadataRecord {
  const frameVersion = reader.uvarint();
  if (frameVersion !== FRAME_VERSION) reader.fail(`metadata frame version ${frameVersion}`);
  const key = reader.uvarint();
  const version = reader.uvarint();
  const type = TYPES[key];
  if (type === undefined) return reader.fail(`metadata record key ${key} is unknown`);
  const message: Message = metadataRecords[type];
  if (!hasVersion(message, version)) reader.fail(`${type} has no version ${version}`);
  const value = decode(message, version, reader);
  if (reader.remaining !== 0) reader.fail(`${reader.remaining} bytes after ${type}`);
  return { type, version, value } as MetadataRecord;
}
