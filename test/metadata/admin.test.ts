/**
 * Elections, reassignments, feature levels and quotas of the controller. Codes and texts are those of a real Kafka 4.3.1
 * (test/interop/differential asks it); what one broker alone never meets is set up here in an image of two.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alterClientQuotas } from '../../src/metadata/controller/client-quotas.js';
import { createPartitions } from '../../src/metadata/controller/create-partitions.js';
import { createTopics } from '../../src/metadata/controller/create-topics.js';
import { deleteTopics } from '../../src/metadata/controller/delete-topics.js';
import { electLeaders } from '../../src/metadata/controller/elect-leaders.js';
import type { ControllerContext, MutationQuota, Plan } from '../../src/metadata/controller/plan.js';
import {
  alterPartitionReassignments,
  listPartitionReassignments,
} from '../../src/metadata/controller/reassignments.js';
import { updateFeatures } from '../../src/metadata/controller/update-features.js';
import { describeClientQuotas } from '../../src/metadata/image/describe-quotas.js';
import { metadataChangedBetween } from '../../src/metadata/image/metadata-version.js';
import { ZERO_UUID } from '../../src/metadata/image/model.js';
import type { MetadataNode } from '../../src/metadata/metadata-node.js';
import { Bench } from './node-support.js';

const PREFERRED = 0;
const UNCLEAN = 1;
const bench = new Bench().format();
let node: MetadataNode;
beforeAll(() => {
  node = bench.start();
  for (const name of ['here', 'moving', 'away']) {
    const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
    node.submit(createTopics(node.context, [topic], false));
  }
});
afterAll(() => {
  node.shutdown();
  bench.dispose();
});

/** Changes a partition as another controller of a larger cluster might have. */
function become(topic: string, fields: object): void {
  const topicId = node.image.topicByName(topic)?.id ?? '';
  const change = { type: 'PartitionChangeRecord', version: 2, value: { partitionId: 0, topicId, ...fields } };
  node.submit({ records: [change], response: null } as Plan<null>);
}
const partition = (topic: string) => node.image.topicByName(topic)?.partitions.get(0);

describe('ElectLeaders', () => {
  const elect = (topic: string, electionType: number) => {
    const plan = electLeaders(node.context, { electionType, topicPartitions: [{ topic, partitions: [0] }] });
    node.submit(plan);
    const { errorCode, errorMessage } = plan.response.replicaElectionResults[0].partitionResult[0];
    return [errorCode, errorMessage];
  };

  it('a leader that is the preferred one stays', () => {
    expect(elect('here', PREFERRED)).toEqual([84, 'Leader election not needed for topic partition.']);
    expect(elect('here', UNCLEAN)).toEqual([84, 'Leader election not needed for topic partition.']);
    expect(elect('nobody', PREFERRED)).toEqual([3, 'No such topic as nobody']);
  });

  it('the preferred replica takes over when it is in sync', () => {
    become('away', { replicas: [1, 2], isr: [1, 2], leader: 2 });
    const { leaderEpoch = 0 } = partition('away') ?? {};
    expect(elect('away', PREFERRED)).toEqual([0, null]);
    expect(partition('away')).toMatchObject({ leader: 1, isr: [1, 2], leaderEpoch: leaderEpoch + 1 });
  });

  it('out of sync it takes over only uncleanly, and then alone', () => {
    become('away', { replicas: [1, 2], isr: [2], leader: 2 });
    expect(elect('away', PREFERRED)).toEqual([80, 'The preferred leader was not available.']);
    become('away', { leader: -1 });
    expect(elect('away', UNCLEAN)).toEqual([0, null]);
    expect(partition('away')).toMatchObject({ leader: 1, isr: [1], leaderRecoveryState: 1 });
  });

  it('nobody alive: no unclean leader either', () => {
    become('away', { replicas: [2], isr: [2], leader: -1 });
    expect(elect('away', UNCLEAN)).toEqual([83, 'Eligible topic partition leaders are not available.']);
    become('away', { replicas: [1], isr: [1], leader: 1 });
  });

  it('asked for everything it names only what changed or failed', () => {
    become('away', { replicas: [1, 2], isr: [1, 2], leader: 2 });
    const plan = electLeaders(node.context, { electionType: PREFERRED, topicPartitions: null });
    const named = plan.response.replicaElectionResults.map(({ topic, partitionResult }) => [
      topic,
      partitionResult.length,
    ]);
    expect(named).toEqual([
      ['here', 0],
      ['moving', 0],
      ['away', 1],
    ]);
    expect(plan.records).toHaveLength(1);
    become('away', { replicas: [1], isr: [1], leader: 1 });
  });
});

describe('reassignments', () => {
  const move = (topic: string, replicas: number[] | null, allowReplicationFactorChange = true) => {
    const plan = alterPartitionReassignments(node.context, {
      allowReplicationFactorChange,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, replicas }] }],
    });
    node.submit(plan);
    const { errorCode, errorMessage } = plan.response.responses[0].partitions[0];
    return { error: [errorCode, errorMessage], records: plan.records.length };
  };

  it('to where it is: done before it begins', () => {
    expect(move('here', [1])).toEqual({ error: [0, null], records: 0 });
    expect(move('here', null)).toEqual({ error: [85, null], records: 0 });
  });

  it('one under way is listed, and cancelled', () => {
    become('moving', { replicas: [1, 2], addingReplicas: [2], removingReplicas: [1] });
    const ongoing = {
      name: 'moving',
      partitions: [{ partitionIndex: 0, replicas: [1, 2], addingReplicas: [2], removingReplicas: [1] }],
    };
    expect(listPartitionReassignments(node.image, null)).toEqual([ongoing]);
    expect(listPartitionReassignments(node.image, [{ name: 'here', partitionIndexes: [0] }])).toEqual([]);
    expect(move('moving', null)).toEqual({ error: [0, null], records: 1 });
    expect(partition('moving')).toMatchObject({ replicas: [1], addingReplicas: [], removingReplicas: [] });
    expect(listPartitionReassignments(node.image, null)).toEqual([]);
  });

  it('the replication factor may be held', () => {
    become('moving', { replicas: [1, 2], isr: [1, 2] });
    expect(move('moving', [1], false).error[0]).toBe(38);
    expect(move('moving', [1], true)).toEqual({ error: [0, null], records: 1 });
    expect(partition('moving')).toMatchObject({ replicas: [1], isr: [1] });
  });

  it('never to replicas none of which is in sync', () => {
    become('moving', { replicas: [1, 2], isr: [2], leader: 2, addingReplicas: [2] });
    expect(move('moving', null).error[0]).toBe(39);
    become('moving', { replicas: [1], isr: [1], leader: 1, addingReplicas: [], removingReplicas: [] });
  });
});

describe('UpdateFeatures', () => {
  const update = (feature: string, maxVersionLevel: number, upgradeType = 1, kraftVersion = 1) =>
    updateFeatures(
      { ...node.context, kraftVersion },
      {
        featureUpdates: [{ feature, maxVersionLevel, upgradeType, allowDowngrade: false }],
        validateOnly: false,
      },
      2,
    );

  it('a level is lowered and raised again', () => {
    expect(node.submit(update('group.version', 0, 2)).errorCode).toBe(0);
    expect(node.image.featureLevel('group.version')).toBe(0);
    expect(node.submit(update('group.version', 1)).errorCode).toBe(0);
    expect(node.image.featureLevel('group.version')).toBe(1);
  });

  it('kraft.version is no feature record', () => {
    expect(update('kraft.version', 1).records).toEqual([]);
    expect(update('kraft.version', 1).response.errorCode).toBe(0);
    expect(update('kraft.version', 1, 1, 0).response.errorCode).toBe(95);
    expect(update('kraft.version', 0, 2).response.errorCode).toBe(95);
  });

  it('metadata.version goes down only where no record format changed', () => {
    expect(metadataChangedBetween(24, 29)).toBe(false);
    expect(metadataChangedBetween(22, 29)).toBe(true);
    expect(metadataChangedBetween(29, 30)).toBe(true);
    expect(metadataChangedBetween(30, 30)).toBe(false);
  });

  it('one refusal refuses all', () => {
    const featureUpdates = ['group.version', 'nothing'].map((feature) => ({
      feature,
      maxVersionLevel: 1,
      upgradeType: 1,
      allowDowngrade: false,
    }));
    const plan = updateFeatures(node.context, { featureUpdates, validateOnly: false }, 1);
    expect(plan.records).toEqual([]);
    expect(plan.response).toMatchObject({ errorCode: 95, results: [] });
  });
});

describe('client quotas', () => {
  const entity = [
    { entityType: 'user', entityName: 'u' },
    { entityType: 'client-id', entityName: null },
  ];
  const op = (key: string, value: number, remove = false) => ({ key, value, remove });
  const alter = (...ops: ReturnType<typeof op>[]) =>
    alterClientQuotas(node.context, [{ entity, ops }], false, new Set());
  const values = () => {
    const { entries } = describeClientQuotas(node.image, { components: [], strict: false });
    return entries?.map((each) => each.values);
  };

  it('only changes are written, and a restart knows them', () => {
    expect(alter(op('producer_byte_rate', 5), op('request_percentage', 0.5)).records).toHaveLength(2);
    node.submit(alter(op('producer_byte_rate', 5), op('request_percentage', 0.5)));
    expect(alter(op('producer_byte_rate', 5)).records).toEqual([]);
    node.submit(alter(op('producer_byte_rate', 7), op('request_percentage', 0, true)));
    node.submit(alter(op('consumer_byte_rate', 9)));
    const expected = [
      [
        { key: 'producer_byte_rate', value: 7 },
        { key: 'consumer_byte_rate', value: 9 },
      ],
    ];
    expect(values()).toEqual(expected);
    node.snapshot();
    node.shutdown();
    node = bench.start();
    expect(values()).toEqual(expected);
    node.submit(alter(op('producer_byte_rate', 0, true), op('consumer_byte_rate', 0, true)));
    expect(values()).toEqual([]);
  });

  it('a host that cannot be resolved has no quota', () => {
    const ip = [{ entityType: 'ip', entityName: 'no.such.host' }];
    const ops = [op('connection_creation_rate', 5)];
    const plan = alterClientQuotas(node.context, [{ entity: ip, ops }], false, new Set(['no.such.host']));
    expect(plan.records).toEqual([]);
    expect(plan.response[0]).toMatchObject({
      errorCode: 42,
      errorMessage: 'no.such.host is not a valid IP or resolvable host.',
    });
  });
});

describe('controller mutation quota', () => {
  function allowing(partitions: number): MutationQuota & { left: number } {
    return {
      left: partitions,
      throttleMs: 0,
      record(count) {
        if (this.left <= 0) return false;
        this.left -= count;
        return true;
      },
    };
  }
  const topic = (name: string, numPartitions: number) => ({
    name,
    numPartitions,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  });
  const codes = (context: ControllerContext, quota: MutationQuota): number[] =>
    createTopics(
      context,
      [topic('q1', 3), topic('q1.', 1), topic('', 1), topic('q2', 1)],
      true,
      quota,
    ).response.map(({ errorCode }) => errorCode);

  it('counts partitions of what would be done, and refuses the rest', () => {
    expect(codes(node.context, allowing(3))).toEqual([0, 89, 17, 89]);
    expect(codes(node.context, allowing(5))).toEqual([0, 0, 17, 0]);
    const grown = createPartitions(
      node.context,
      [{ name: 'here', count: 3, assignments: null }],
      true,
      allowing(0),
    );
    expect(grown.response[0].errorCode).toBe(89);
    const wanted = [{ name: 'here', topicId: ZERO_UUID }];
    const deleted = deleteTopics(node.context, wanted, allowing(0));
    expect([deleted.records, deleted.response[0].errorCode]).toEqual([[], 89]);
  });
});
