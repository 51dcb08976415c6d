/** Consumers as they behave: each knows its epoch and what it owns, gives up what it must, and reports what it owns. */
import type { ConsumerGroup } from '../../../../src/coordinator/group/consumer/consumer-group.js';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../../src/protocol/68-consumer-group-heartbeat.js';
import type { ShardRunner } from '../../support/shard-runner.js';

export const GROUP_ID = 'g';
export const TOPICS = [
  { id: Buffer.alloc(16, 1).toString('base64url'), name: 'a1', partitions: 4 },
  { id: Buffer.alloc(16, 2).toString('base64url'), name: 'a2', partitions: 3 },
  { id: Buffer.alloc(16, 3).toString('base64url'), name: 'b1', partitions: 5 },
];

export function beat(
  runner: ShardRunner,
  fields: Partial<ConsumerGroupHeartbeatRequest>,
  version = 1,
): ConsumerGroupHeartbeatResponse {
  const request: ConsumerGroupHeartbeatRequest = {
    groupId: GROUP_ID,
    memberId: 'm',
    memberEpoch: 0,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: -1,
    subscribedTopicNames: null,
    subscribedTopicRegex: null,
    serverAssignor: null,
    topicPartitions: null,
    ...fields,
  };
  return runner.ask(version, (shard, call, nowMs) => shard.consumerGroupHeartbeat(call, request, nowMs));
}

/** A first heartbeat. */
export function join(
  runner: ShardRunner,
  memberId: string,
  fields: Partial<ConsumerGroupHeartbeatRequest> = {},
): ConsumerGroupHeartbeatResponse {
  const joining = { rebalanceTimeoutMs: 30_000, subscribedTopicNames: ['a1'], topicPartitions: [] };
  return beat(runner, { memberId, memberEpoch: 0, ...joining, ...fields });
}

export interface Subscription {
  readonly subscribedTopicNames: string[] | null;
  readonly subscribedTopicRegex: string | null;
  readonly serverAssignor: string | null;
}

/** The shard may be replaced: a restart. */
export interface World {
  runner: ShardRunner;
}

export class ModelConsumer {
  epoch = 0;
  lastBeatMs = 0;
  /** `topic id-partition` that the client works on. */
  owned = new Set<string>();
  private wanted = new Set<string>();

  constructor(
    private readonly world: World,
    readonly memberId: string,
    readonly instanceId: string | null,
    public subscription: Subscription,
  ) {}

  get isIn(): boolean {
    return this.epoch > 0;
  }

  /** Error of the answer; a fenced member has dropped everything and rejoins with the next beat. */
  beat(subscription?: Subscription): number {
    if (subscription !== undefined) this.subscription = subscription;
    // A client gives up before it tells so; what is new it takes only when it was told.
    this.owned = new Set([...this.owned].filter((each) => this.wanted.has(each)));
    const isJoin = this.epoch === 0;
    const full = isJoin ? { rebalanceTimeoutMs: 30_000 } : {};
    this.lastBeatMs = this.world.runner.nowMs;
    const response = beat(this.world.runner, {
      memberId: this.memberId,
      memberEpoch: this.epoch,
      instanceId: this.instanceId,
      topicPartitions: isJoin ? [] : toTopicPartitions(this.owned),
      ...full,
      ...(isJoin || subscription !== undefined ? this.subscription : {}),
    });
    if (response.errorCode !== 0) {
      this.drop();
      return response.errorCode;
    }
    this.epoch = response.memberEpoch;
    if (response.assignment !== null) {
      this.wanted = new Set(
        response.assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
          partitions.map((partition) => `${topicId}-${partition}`),
        ),
      );
    }
    for (const each of this.wanted) this.owned.add(each);
    return 0;
  }

  leave(memberEpoch: -1 | -2 = -1): void {
    beat(this.world.runner, { memberId: this.memberId, memberEpoch, instanceId: this.instanceId });
    this.drop();
  }

  /** A client that could not heartbeat for long gives up what it has. */
  drop(): void {
    this.epoch = 0;
    this.owned = new Set();
    this.wanted = new Set();
  }
}

function toTopicPartitions(owned: ReadonlySet<string>): { topicId: string; partitions: number[] }[] {
  const byTopic = new Map<string, number[]>();
  for (const each of owned) {
    const at = each.lastIndexOf('-');
    const topicId = each.slice(0, at);
    byTopic.set(topicId, [...(byTopic.get(topicId) ?? []), Number(each.slice(at + 1))]);
  }
  return [...byTopic].map(([topicId, partitions]) => ({ topicId, partitions }));
}

/** What the log holds of a group, in an order of its own. */
export function durableState(group: ConsumerGroup | undefined): unknown {
  if (group === undefined) return null;
  const sorted = <Value>(map: ReadonlyMap<string, Value>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignmentTimestampMs: group.assignmentTimestampMs,
    metadataHash: group.metadataHash,
    state: group.state,
    members: sorted(group.members),
    staticMembers: sorted(group.staticMembers),
    target: sorted(group.target),
    topics: [...group.subscriptions.topicNames()].sort(),
    regexes: [...group.subscriptions.resolvedRegexes()].sort(),
    type: group.subscriptions.type(group.members.size),
  };
}
