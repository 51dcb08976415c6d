/**
 * Metadata records of the cluster's counters and leftovers: producer id blocks, no-op heartbeats of the controller (KIP-835),
 * the ZooKeeper migration state (KIP-866; still read in old logs).
 */
import { defineMessage, type Infer, t } from '../../wire/index.js';

export const producerIdsRecord = defineMessage({
  name: 'ProducerIdsRecord',
  kind: 'metadata',
  key: 15,
  versions: [0, 0],
  flexible: 0,
  fields: {
    brokerId: t.int32(),
    brokerEpoch: t.int64({ default: -1 }),
    nextProducerId: t.bigint64(),
  },
});
export type ProducerIdsRecord = Infer<typeof producerIdsRecord>;

export const noOpRecord = defineMessage({
  name: 'NoOpRecord',
  kind: 'metadata',
  key: 20,
  versions: [0, 0],
  flexible: 0,
  fields: {},
});
export type NoOpRecord = Infer<typeof noOpRecord>;

export const zkMigrationStateRecord = defineMessage({
  name: 'ZkMigrationStateRecord',
  kind: 'metadata',
  key: 21,
  versions: [0, 0],
  flexible: 0,
  fields: {
    zkMigrationState: t.int8(),
  },
});
export type ZkMigrationStateRecord = Infer<typeof zkMigrationStateRecord>;
