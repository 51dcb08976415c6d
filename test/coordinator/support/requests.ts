/** Requests of the group APIs with everything filled in that a test does not care about. */

import type { DescribedGroup } from '../../../src/coordinator/group/describe-groups.js';
import type { FetchedGroup } from '../../../src/coordinator/group/offsets/fetch.js';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../../src/protocol/08-offset-commit.js';
import type { JoinGroupRequest, JoinGroupResponse } from '../../../src/protocol/11-join-group.js';
import type { HeartbeatRequest, HeartbeatResponse } from '../../../src/protocol/12-heartbeat.js';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../../src/protocol/13-leave-group.js';
import type { SyncGroupRequest, SyncGroupResponse } from '../../../src/protocol/14-sync-group.js';
import { ZERO_UUID } from '../../../src/wire/index.js';
import type { ShardRunner } from './shard-runner.js';

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
export const GROUP = 'group';

export function join(runner: ShardRunner, fields: Partial<JoinGroupRequest> = {}, version = 9): number {
  const request: JoinGroupRequest = {
    groupId: GROUP,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: bytes(1) }],
    reason: null,
    ...fields,
  };
  return runner.send(version, (shard, call, nowMs) => shard.joinGroup(call, request, nowMs));
}

export function joined(runner: ShardRunner, token: number): JoinGroupResponse {
  return runner.answer<JoinGroupResponse>(token);
}

/** KIP-394: asks for an id, joins with it. Returns the id and the token that waits. */
export function joinWithId(
  runner: ShardRunner,
  fields: Partial<JoinGroupRequest> = {},
): { memberId: string; token: number } {
  const { memberId } = joined(runner, join(runner, fields));
  return { memberId, token: join(runner, { ...fields, memberId }) };
}

export function sync(
  runner: ShardRunner,
  generationId: number,
  memberId: string,
  fields: Partial<SyncGroupRequest> = {},
  version = 5,
): number {
  const request: SyncGroupRequest = {
    groupId: GROUP,
    generationId,
    memberId,
    groupInstanceId: null,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: [],
    ...fields,
  };
  return runner.send(version, (shard, call, nowMs) => shard.syncGroup(call, request, nowMs));
}

export function synced(runner: ShardRunner, token: number): SyncGroupResponse {
  return runner.answer<SyncGroupResponse>(token);
}

/** Error of a heartbeat. */
export function heartbeat(
  runner: ShardRunner,
  generationId: number,
  memberId: string,
  fields: Partial<HeartbeatRequest> = {},
): number {
  const request: HeartbeatRequest = {
    groupId: GROUP,
    generationId,
    memberId,
    groupInstanceId: null,
    ...fields,
  };
  return runner.ask<HeartbeatResponse>(4, (shard, call, nowMs) => shard.heartbeat(call, request, nowMs))
    .errorCode;
}

export function leave(
  runner: ShardRunner,
  members: { memberId?: string; groupInstanceId?: string | null }[],
  version = 5,
): LeaveGroupResponse {
  const request: LeaveGroupRequest = {
    groupId: GROUP,
    memberId: members[0]?.memberId ?? '',
    members: members.map(({ memberId = '', groupInstanceId = null }) => ({
      memberId,
      groupInstanceId,
      reason: null,
    })),
  };
  return runner.ask<LeaveGroupResponse>(version, (shard, call, nowMs) =>
    shard.leaveGroup(call, request, nowMs),
  );
}

export interface Commit {
  topic?: string;
  topicId?: string;
  partition?: number;
  offset?: number;
  metadata?: string | null;
}

/** Commits one partition; its error. */
export function commit(
  runner: ShardRunner,
  what: Commit = {},
  fields: Partial<OffsetCommitRequest> = {},
  version = 9,
): number {
  const response = runner.ask<OffsetCommitResponse>(version, (shard, call, nowMs) =>
    shard.commitOffsets(call, commitRequest(what, fields), nowMs),
  );
  const error = response.topics[0]?.partitions[0]?.errorCode;
  if (error === undefined) throw new Error('no partition in the answer');
  return error;
}

export function commitRequest(what: Commit, fields: Partial<OffsetCommitRequest> = {}): OffsetCommitRequest {
  return {
    groupId: GROUP,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    groupInstanceId: null,
    retentionTimeMs: -1,
    topics: [
      {
        name: what.topic ?? 'topic',
        topicId: what.topicId ?? ZERO_UUID,
        partitions: [
          {
            partitionIndex: what.partition ?? 0,
            committedOffset: what.offset ?? 1,
            committedLeaderEpoch: -1,
            committedMetadata: what.metadata === undefined ? '' : what.metadata,
          },
        ],
      },
    ],
    ...fields,
  };
}

/** The committed offset of a partition as OffsetFetch tells it: [offset, error]. */
export function fetchOne(
  runner: ShardRunner,
  topic = 'topic',
  partition = 0,
  requireStable = false,
): [offset: number, error: number] {
  const topics = [{ name: topic, topicId: ZERO_UUID, partitionIndexes: [partition] }];
  const answer = runner.ask<FetchedGroup>(9, (shard, call, nowMs) =>
    shard.fetchOffsets(
      call,
      { groupId: GROUP, memberId: null, memberEpoch: -1, topics },
      requireStable,
      nowMs,
    ),
  );
  const found = answer.topics[0]?.partitions[0];
  if (found === undefined) throw new Error('no partition in the answer');
  return [found.committedOffset, found.errorCode];
}

export function describeGroup(runner: ShardRunner, groupId = GROUP, version = 6): DescribedGroup {
  const [group] = runner.ask<DescribedGroup[]>(version, (shard, call, nowMs) =>
    shard.describeGroups(call, [groupId], nowMs),
  );
  if (group === undefined) throw new Error('no group in the answer');
  return group;
}

export function stateOf(runner: ShardRunner): string {
  return describeGroup(runner).groupState;
}
