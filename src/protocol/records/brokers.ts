/**
 * Metadata records of brokers: registration with an incarnation (KIP-631), fencing, controlled shutdown, log directories
 * (KIP-858), cordoned directories (KIP-1066).
 */
import { defineMessage, type Infer, t } from '../../wire/index.js';

export const registerBrokerRecord = defineMessage({
  name: 'RegisterBrokerRecord',
  kind: 'metadata',
  key: 0,
  versions: [0, 4],
  flexible: 0,
  fields: {
    brokerId: t.int32(),
    isMigratingZkBroker: t.bool({ since: 2 }),
    incarnationId: t.uuid(),
    brokerEpoch: t.int64(),
    endPoints: t.array({
      name: t.string(),
      host: t.string(),
      port: t.uint16(),
      securityProtocol: t.int16(),
    }),
    features: t.array({
      name: t.string(),
      minSupportedVersion: t.int16(),
      maxSupportedVersion: t.int16(),
    }),
    rack: t.string({ nullable: 0 }),
    fenced: t.bool({ default: true }),
    inControlledShutdown: t.bool({ since: 1 }),
    logDirs: t.array(t.uuid(), { since: 3, tag: 0 }),
    cordonedLogDirs: t.array(t.uuid(), { since: 4, nullable: 4, default: null, tag: 1 }),
  },
});
export type RegisterBrokerRecord = Infer<typeof registerBrokerRecord>;

export const unregisterBrokerRecord = defineMessage({
  name: 'UnregisterBrokerRecord',
  kind: 'metadata',
  key: 1,
  versions: [0, 0],
  flexible: 0,
  fields: {
    brokerId: t.int32(),
    brokerEpoch: t.int64(),
  },
});
export type UnregisterBrokerRecord = Infer<typeof unregisterBrokerRecord>;

export const fenceBrokerRecord = defineMessage({
  name: 'FenceBrokerRecord',
  kind: 'metadata',
  key: 7,
  versions: [0, 0],
  flexible: 0,
  fields: {
    id: t.int32(),
    epoch: t.int64(),
  },
});
export type FenceBrokerRecord = Infer<typeof fenceBrokerRecord>;

export const unfenceBrokerRecord = defineMessage({
  name: 'UnfenceBrokerRecord',
  kind: 'metadata',
  key: 8,
  versions: [0, 0],
  flexible: 0,
  fields: {
    id: t.int32(),
    epoch: t.int64(),
  },
});
export type UnfenceBrokerRecord = Infer<typeof unfenceBrokerRecord>;

export const brokerRegistrationChangeRecord = defineMessage({
  name: 'BrokerRegistrationChangeRecord',
  kind: 'metadata',
  key: 17,
  versions: [0, 3],
  flexible: 0,
  fields: {
    brokerId: t.int32(),
    brokerEpoch: t.int64(),
    fenced: t.int8({ tag: 0 }),
    inControlledShutdown: t.int8({ since: 1, tag: 1 }),
    logDirs: t.array(t.uuid(), { since: 2, tag: 2 }),
    cordonedLogDirs: t.array(t.uuid(), { since: 3, nullable: 3, default: null, tag: 3 }),
  },
});
export type BrokerRegistrationChangeRecord = Infer<typeof brokerRegistrationChangeRecord>;
