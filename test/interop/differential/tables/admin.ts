/** ElectLeaders, AlterPartitionReassignments, ListPartitionReassignments, UpdateFeatures. */
import {
  ApiKey,
  alterPartitionReassignmentsRequest,
  apiVersionsRequest,
  electLeadersRequest,
  listPartitionReassignmentsRequest,
  updateFeaturesRequest,
} from '../../../../src/protocol/index.js';
import { type Step, stepsOf } from '../step.js';

const elect = stepsOf(ApiKey.ElectLeaders, electLeadersRequest);
const move = stepsOf(ApiKey.AlterPartitionReassignments, alterPartitionReassignmentsRequest);
const moves = stepsOf(ApiKey.ListPartitionReassignments, listPartitionReassignmentsRequest);
const update = stepsOf(ApiKey.UpdateFeatures, updateFeaturesRequest);
const versions = stepsOf(ApiKey.ApiVersions, apiVersionsRequest);

const of = (topic: string, ...partitions: number[]): object => ({ topic, partitions });
const PREFERRED = 0;
const UNCLEAN = 1;

export const elections: readonly Step[] = [
  elect(0, 'one partition', { topicPartitions: [of('plain', 0)] }),
  elect(1, 'one partition', { electionType: PREFERRED, topicPartitions: [of('plain', 0)] }),
  elect(2, 'some', { electionType: PREFERRED, topicPartitions: [of('plain', 0, 1), of('many', 2)] }),
  elect(2, 'unclean', { electionType: UNCLEAN, topicPartitions: [of('plain', 0, 1)] }),
  elect(2, 'unknown ones', {
    electionType: PREFERRED,
    topicPartitions: [of('plain', 99, -1), of('nobody', 0), of('', 0)],
  }),
  elect(2, 'everything', { electionType: PREFERRED, topicPartitions: null }),
  elect(2, 'everything, unclean', { electionType: UNCLEAN, topicPartitions: null }),
  elect(2, 'nothing', { electionType: PREFERRED, topicPartitions: [] }),
  elect(2, 'no partitions', { electionType: PREFERRED, topicPartitions: [of('plain')] }),
  elect(2, 'a topic twice', { electionType: PREFERRED, topicPartitions: [of('plain', 0), of('plain', 1)] }),
  elect(2, 'a partition twice', { electionType: PREFERRED, topicPartitions: [of('plain', 0, 0)] }),
  elect(1, 'unknown type', { electionType: 7, topicPartitions: [of('plain', 0)] }),
  elect(2, 'unknown type', { electionType: -1, topicPartitions: [of('plain', 0)] }),
  elect(2, 'unknown type, everything', { electionType: 2, topicPartitions: null }),
];

const to = (partitionIndex: number, replicas: number[] | null): object => ({ partitionIndex, replicas });
const moved = (name: string, ...partitions: object[]): object => ({ name, partitions });

export const reassignments: readonly Step[] = [
  move(0, 'to where it is', { topics: [moved('plain', to(0, [1]))] }),
  move(1, 'to where it is', { topics: [moved('plain', to(0, [1]), to(1, [1]))] }),
  move(1, 'factor may not change', {
    allowReplicationFactorChange: false,
    topics: [moved('plain', to(0, [1]), to(1, []))],
  }),
  move(1, 'to nobody', { topics: [moved('plain', to(0, []))] }),
  move(1, 'to brokers that are not there', { topics: [moved('plain', to(0, [2]), to(1, [1, 2]))] }),
  move(1, 'to one broker twice', { topics: [moved('plain', to(0, [1, 1]))] }),
  move(1, 'to a negative broker', { topics: [moved('plain', to(0, [-1]))] }),
  move(1, 'cancel', { topics: [moved('plain', to(0, null))] }),
  move(1, 'unknown ones', {
    topics: [moved('plain', to(99, [1]), to(-1, null)), moved('nobody', to(0, [1])), moved('', to(0, null))],
  }),
  move(1, 'nothing', { topics: [] }),
  move(1, 'nothing, factor may not change', { allowReplicationFactorChange: false, topics: [] }),
  move(1, 'no partitions', { topics: [moved('plain')] }),
  move(1, 'a partition twice', { topics: [moved('plain', to(0, [1]), to(0, null))] }),
  moves(0, 'everything', { topics: null }),
  moves(0, 'nothing', { topics: [] }),
  moves(0, 'some', { topics: [{ name: 'plain', partitionIndexes: [0, 1, 99] }] }),
  moves(0, 'unknown topic', { topics: [{ name: 'nobody', partitionIndexes: [0] }] }),
];

const level = (feature: string, maxVersionLevel: number, upgradeType?: number): object => ({
  feature,
  maxVersionLevel,
  ...(upgradeType === undefined ? {} : { upgradeType }),
});
const dry = (...featureUpdates: object[]): object => ({ featureUpdates, validateOnly: true });
const done = (...featureUpdates: object[]): object => ({ featureUpdates });
const SAFE = 2;
const UNSAFE = 3;
const SOFTWARE = { clientSoftwareName: 'differential', clientSoftwareVersion: '1.0' };

export const features: readonly Step[] = [
  update(0, 'nothing', done()),
  update(1, 'nothing', dry()),
  update(2, 'nothing', dry()),
  update(0, 'the level it has', done(level('group.version', 1))),
  update(1, 'the level it has', dry(level('group.version', 1), level('transaction.version', 2))),
  update(2, 'the level it has', dry(level('group.version', 1))),
  update(2, 'unknown feature', dry(level('no.such.feature', 1))),
  update(2, 'unknown feature away', dry(level('no.such.feature', 0))),
  update(1, 'one good, one bad', dry(level('group.version', 1), level('no.such.feature', 1))),
  update(2, 'too high', dry(level('group.version', 2))),
  update(2, 'much too high', dry(level('metadata.version', 32_767))),
  update(2, 'negative', dry(level('group.version', -1))),
  update(2, 'down without saying so', dry(level('group.version', 0))),
  update(0, 'down without saying so', done(level('group.version', 0))),
  update(0, 'down as version 0 says it', done({ ...level('share.version', 0), allowDowngrade: true })),
  update(2, 'down, safe', dry(level('group.version', 0, SAFE))),
  update(2, 'down, unsafe', dry(level('transaction.version', 1, UNSAFE))),
  update(2, 'down to the same', dry(level('group.version', 1, SAFE))),
  update(2, 'unknown upgrade type', dry(level('group.version', 1, 0), level('share.version', 1, 9))),
  update(2, 'unknown upgrade type 9', dry(level('group.version', 1, 9))),
  update(2, 'kraft.version as it is', dry(level('kraft.version', 1))),
  update(2, 'kraft.version up', dry(level('kraft.version', 2))),
  update(2, 'kraft.version down', dry(level('kraft.version', 0, SAFE))),
  ...Array.from({ length: 32 }, (_, row) =>
    update(2, `metadata.version ${row}, safe`, dry(level('metadata.version', row, SAFE))),
  ),
  update(2, 'metadata.version 29, unsafe', dry(level('metadata.version', 29, UNSAFE))),
  update(2, 'metadata.version 21, unsafe', dry(level('metadata.version', 21, UNSAFE))),
  update(
    2,
    'metadata.version and what needs it',
    dry(level('metadata.version', 22, SAFE), level('eligible.leader.replicas.version', 1)),
  ),
  update(2, 'elr down', dry(level('eligible.leader.replicas.version', 0, SAFE))),
  update(2, 'streams down', done(level('streams.version', 0, SAFE)), { settleMs: 150 }),
  versions(4, 'after streams went down', SOFTWARE),
  update(2, 'streams up again', done(level('streams.version', 1)), { settleMs: 150 }),
];
