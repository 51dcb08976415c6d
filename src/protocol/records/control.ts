/**
 * Bodies of control records: transaction markers (KIP-98) and what the Raft layer writes (KIP-595, KIP-630, KIP-853).
 */
import { defineMessage, type Infer, t } from '../../wire/index.js';

export const endTxnMarker = defineMessage({
  name: 'EndTxnMarker',
  kind: 'data',
  versions: [0, 0],
  fields: {
    coordinatorEpoch: t.int32(),
  },
});
export type EndTxnMarker = Infer<typeof endTxnMarker>;

const voter = {
  voterId: t.int32(),
  voterDirectoryId: t.uuid({ since: 1 }),
} as const;

export const leaderChangeMessage = defineMessage({
  name: 'LeaderChangeMessage',
  kind: 'data',
  versions: [0, 1],
  flexible: 0,
  fields: {
    version: t.int16(),
    leaderId: t.int32(),
    voters: t.array(voter),
    grantingVoters: t.array(voter),
  },
});
export type LeaderChangeMessage = Infer<typeof leaderChangeMessage>;

export const snapshotHeaderRecord = defineMessage({
  name: 'SnapshotHeaderRecord',
  kind: 'data',
  versions: [0, 0],
  flexible: 0,
  fields: {
    version: t.int16(),
    lastContainedLogTimestamp: t.int64(),
  },
});
export type SnapshotHeaderRecord = Infer<typeof snapshotHeaderRecord>;

export const snapshotFooterRecord = defineMessage({
  name: 'SnapshotFooterRecord',
  kind: 'data',
  versions: [0, 0],
  flexible: 0,
  fields: {
    version: t.int16(),
  },
});
export type SnapshotFooterRecord = Infer<typeof snapshotFooterRecord>;

export const kRaftVersionRecord = defineMessage({
  name: 'KRaftVersionRecord',
  kind: 'data',
  versions: [0, 0],
  flexible: 0,
  fields: {
    version: t.int16(),
    kRaftVersion: t.int16(),
  },
});
export type KRaftVersionRecord = Infer<typeof kRaftVersionRecord>;

export const votersRecord = defineMessage({
  name: 'VotersRecord',
  kind: 'data',
  versions: [0, 0],
  flexible: 0,
  fields: {
    version: t.int16(),
    voters: t.array({
      voterId: t.int32(),
      voterDirectoryId: t.uuid(),
      endpoints: t.array({
        name: t.string(),
        host: t.string(),
        port: t.uint16(),
      }),
      kRaftVersionFeature: t.struct({
        minSupportedVersion: t.int16(),
        maxSupportedVersion: t.int16(),
      }),
    }),
  },
});
export type VotersRecord = Infer<typeof votersRecord>;
