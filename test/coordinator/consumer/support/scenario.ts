/**
 * A course of requests to consumer groups that is sent both to Kafka (record-scenario.ts, by hand) and to a GroupShard
 * (scenario.test.ts). Topics are named by `#name` where the protocol wants an id. Member ids are such that Java's hash maps
 * hold them in the order of their numbers.
 */
export type ApiName =
  | 'heartbeat'
  | 'describe'
  | 'list'
  | 'delete'
  | 'commit'
  | 'fetch'
  | 'join'
  | 'sync'
  | 'classicHeartbeat'
  | 'leave'
  | 'describeClassic';

export interface Step {
  readonly what: string;
  readonly api: ApiName;
  readonly version: number;
  readonly request: Record<string, unknown>;
  /** Milliseconds to let pass before. */
  readonly afterMs: number;
  /** The member id of the answer gets this name; used as `$name` later. */
  readonly save?: string;
}

/** Time that passes with every step: its answer, and what it starts in the background. */
export const STEP_MS = 60;
/** Beyond the interval between two assignments of a group. */
export const NEXT_ASSIGNMENT_MS = 1_200;
/** What Kafka is to be started with. */
export const SCENARIO_SETTINGS = [
  'group.consumer.session.timeout.ms=6000',
  'group.consumer.min.session.timeout.ms=1000',
  'group.consumer.max.size=3',
];
export const SESSION_TIMEOUT_MS = 6_000;
export const GROUP_SIZE_MAX = 3;
export const SCENARIO_TOPICS = [
  { name: 'foo', partitions: 6 },
  { name: 'bar', partitions: 2 },
] as const;

const NAMES = ['foo'];

export class Steps {
  readonly all: Step[] = [];

  add(
    api: ApiName,
    what: string,
    version: number,
    request: Record<string, unknown>,
    more: Partial<Step> = {},
  ) {
    this.all.push({ api, what, version, request, afterMs: 0, ...more });
  }

  /** A heartbeat; `owned`: partitions of foo that are reported. */
  beat(
    what: string,
    groupId: string,
    memberId: string,
    memberEpoch: number,
    { owned, afterMs = 0, version = 1, ...request }: Beat = {},
  ): void {
    const topicPartitions = owned === undefined ? {} : { topicPartitions: toTopicPartitions(owned) };
    this.add(
      'heartbeat',
      what,
      version,
      { groupId, memberId, memberEpoch, ...topicPartitions, ...request },
      { afterMs },
    );
  }

  join(
    what: string,
    groupId: string,
    memberId: string,
    { afterMs = 0, version = 1, ...request }: Beat = {},
  ): void {
    const fields = {
      rebalanceTimeoutMs: 20_000,
      subscribedTopicNames: NAMES,
      topicPartitions: [],
      ...request,
    };
    this.beat(what, groupId, memberId, 0, { afterMs, version, ...fields });
  }

  describe(what: string, groupId: string, afterMs = 0): void {
    this.add('describe', what, 1, { groupIds: [groupId], includeAuthorizedOperations: false }, { afterMs });
  }

  commit(
    what: string,
    groupId: string,
    memberId: string,
    epoch: number,
    version: number,
    partition = 0,
  ): void {
    const partitions = [
      { partitionIndex: partition, committedOffset: 5, committedLeaderEpoch: -1, committedMetadata: 'm' },
    ];
    const topic = version >= 10 ? { topicId: '#foo', partitions } : { name: 'foo', partitions };
    this.add('commit', what, version, {
      groupId,
      memberId,
      generationIdOrMemberEpoch: epoch,
      topics: [topic],
    });
  }

  fetch(what: string, groupId: string, memberId: string | null, memberEpoch: number): void {
    const topics = [{ name: 'foo', partitionIndexes: [0] }];
    this.add('fetch', what, 9, { groups: [{ groupId, memberId, memberEpoch, topics }], requireStable: true });
  }
}

type Beat = Record<string, unknown> & { owned?: number[]; afterMs?: number; version?: number };

function toTopicPartitions(partitions: number[]) {
  return partitions.length === 0 ? [] : [{ topicId: '#foo', partitions }];
}
