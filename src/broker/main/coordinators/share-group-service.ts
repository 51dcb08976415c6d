/**
 * Requests about share groups that need both coordinators (GroupCoordinatorService): the group's shard decides, the share
 * coordinator begins, tells or forgets the state of share partitions, the group's shard writes down that it did. A stop in
 * between leaves what the next request takes up again: topics that are initializing or deleting. Main thread.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import {
  type ShareHeartbeatAnswer,
  shareHeartbeatFailure,
} from '../../../coordinator/group/share/heartbeat.js';
import type { DeletedTopic } from '../../../coordinator/group/share/offsets.js';
import type { StatePartitions, StateToBegin } from '../../../coordinator/group/share/share-context.js';
import type {
  AlterAnswer,
  DeleteAnswer,
  StateOfGroup,
} from '../../../coordinator/group/share/share-groups.js';
import { errorText } from '../../../coordinator/share/share-errors.js';
import type { DeleteGroupsResponse } from '../../../protocol/42-delete-groups.js';
import type {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../../protocol/76-share-group-heartbeat.js';
import type {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from '../../../protocol/91-alter-share-group-offsets.js';
import type {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from '../../../protocol/92-delete-share-group-offsets.js';
import type { Call } from '../../handler.js';
import type { MainContext } from '../context.js';
import type { PersisterResult } from '../share/persister.js';

/** A share partition and what the share coordinator answered. */
interface Answered {
  readonly topicId: string;
  readonly partition: number;
  readonly result: PersisterResult;
}

/** The state of newly subscribed topics is begun after the answer: the member gets their partitions with a later one. */
export async function shareGroupHeartbeat(
  context: MainContext,
  request: ShareGroupHeartbeatRequest,
  call: Call,
): Promise<ShareGroupHeartbeatResponse> {
  const { groupId } = request;
  const { response, begin } = await context.groups.ask<ShareHeartbeatAnswer>(
    call,
    groupId,
    (shard, groupCall, nowMs) => shard.shareGroupHeartbeat(groupCall, request, nowMs),
    (error) => shareHeartbeatFailure(error, errorText(error)),
  );
  if (begin.length > 0) {
    beginState(context, groupId, begin, call).catch((error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      context.report('error', `The state of share group ${groupId} could not be begun: ${text}`);
    });
  }
  return response;
}

async function beginState(
  context: MainContext,
  groupId: string,
  begin: readonly StateToBegin[],
  call: Call,
): Promise<readonly Answered[]> {
  const answered = await initialize(context, groupId, begin);
  const failed = answered.find(({ result }) => result.error !== KafkaError.NONE);
  if (failed !== undefined) {
    const { topicId, partition, result } = failed;
    context.report(
      'warn',
      `The state of ${groupId}:${topicId}:${partition} could not be begun: ${result.errorMessage ?? result.error}`,
    );
  }
  await stateAnswered(context, groupId, partitionsOf(begin), failed === undefined, call);
  return answered;
}

function initialize(
  { shareStates }: MainContext,
  groupId: string,
  begin: readonly StateToBegin[],
): Promise<Answered[]> {
  return Promise.all(
    begin.map(async ({ topicId, partition, stateEpoch, startOffset }) => {
      const key = { groupId, topicId, partition };
      return { topicId, partition, result: await shareStates.initialize(key, stateEpoch, startOffset) };
    }),
  );
}

function partitionsOf(keys: readonly { topicId: string; partition: number }[]): StatePartitions {
  const byTopic = new Map<string, Set<number>>();
  for (const { topicId, partition } of keys) {
    const partitions = byTopic.get(topicId) ?? new Set();
    byTopic.set(topicId, partitions.add(partition));
  }
  return byTopic;
}

async function stateAnswered(
  { groups, report }: MainContext,
  groupId: string,
  partitions: StatePartitions,
  isBegun: boolean,
  call: Call,
): Promise<void> {
  const error = await groups.ask<number>(
    call,
    groupId,
    (shard, groupCall, nowMs) => shard.shareStateAnswered(groupCall, groupId, partitions, isBegun, nowMs),
    (code) => code,
  );
  if (error !== KafkaError.NONE)
    report('warn', `What share group ${groupId} has state of could not be written: error ${error}`);
}

export async function alterShareGroupOffsets(
  context: MainContext,
  request: AlterShareGroupOffsetsRequest,
  call: Call,
): Promise<AlterShareGroupOffsetsResponse> {
  const { groupId } = request;
  const { errorCode, errorMessage, responses, begin } = await context.groups.ask<AlterAnswer>(
    call,
    groupId,
    (shard, groupCall, nowMs) => shard.alterShareGroupOffsets(groupCall, request, nowMs),
    (error) => ({ errorCode: error, errorMessage: errorText(error), responses: [], begin: [] }),
  );
  const answer = { throttleTimeMs: 0, errorCode, errorMessage, responses: [...responses] };
  if (begin.length === 0) return answer;
  const answered = await initialize(context, groupId, begin);
  const failed = answered.filter(({ result }) => result.error !== KafkaError.NONE);
  if (failed.length === 0) {
    await stateAnswered(context, groupId, partitionsOf(begin), true, call);
    return answer;
  }
  const resultOf = (topicId: string, partition: number) =>
    failed.find((one) => one.topicId === topicId && one.partition === partition)?.result;
  return {
    ...answer,
    responses: responses.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((partition) => {
        const result = resultOf(topic.topicId, partition.partitionIndex);
        if (partition.errorCode !== KafkaError.NONE || result === undefined) return partition;
        return { ...partition, errorCode: result.error, errorMessage: result.errorMessage };
      }),
    })),
  };
}

/** The first error of each topic, 0 = forgotten. */
async function forget(
  { shareStates }: MainContext,
  groupId: string,
  remove: StatePartitions,
): Promise<Map<string, number>> {
  const errors = new Map<string, number>();
  await Promise.all(
    [...remove].map(async ([topicId, partitions]) => {
      const results = await Promise.all(
        [...partitions].map((partition) => shareStates.delete({ groupId, topicId, partition })),
      );
      const failed = results.find(({ error }) => error !== KafkaError.NONE);
      errors.set(topicId, failed?.error ?? KafkaError.NONE);
    }),
  );
  return errors;
}

export async function deleteShareGroupOffsets(
  context: MainContext,
  request: DeleteShareGroupOffsetsRequest,
  call: Call,
): Promise<DeleteShareGroupOffsetsResponse> {
  const { groupId } = request;
  const refused = (errorCode: number, errorMessage: string | null) => ({
    throttleTimeMs: 0,
    errorCode,
    errorMessage,
    responses: [],
  });
  const { errorCode, errorMessage, failed, remove } = await context.groups.ask<DeleteAnswer>(
    call,
    groupId,
    (shard, groupCall, nowMs) => shard.beginDeleteShareGroupOffsets(groupCall, request, nowMs),
    (error) => ({
      errorCode: error,
      errorMessage: errorText(error),
      failed: [],
      remove: new Map(),
    }),
  );
  if (errorCode !== KafkaError.NONE) return refused(errorCode, errorMessage);
  const done: DeletedTopic[] = [];
  const undone: DeletedTopic[] = [];
  for (const [topicId, error] of await forget(context, groupId, remove)) {
    const topicName = context.metadata.image.topicById(topicId)?.name ?? '';
    if (error === KafkaError.NONE) done.push({ topicId, topicName, errorCode: error, errorMessage: null });
    else undone.push({ topicId, topicName, errorCode: error, errorMessage: errorText(error) });
  }
  if (done.length > 0) {
    const topicIds = new Set(done.map(({ topicId }) => topicId));
    const error = await context.groups.ask<number>(
      call,
      groupId,
      (shard, groupCall, nowMs) => shard.completeDeleteShareGroupOffsets(groupCall, groupId, topicIds, nowMs),
      (code) => code,
    );
    if (error !== KafkaError.NONE) return refused(error, errorText(error));
  }
  return {
    throttleTimeMs: 0,
    errorCode: KafkaError.NONE,
    errorMessage: null,
    responses: [...done, ...failed, ...undone],
  };
}

/** The state of share groups goes first; a group whose state could not be deleted stays. */
export async function deleteGroups(
  context: MainContext,
  groupIds: readonly string[],
  call: Call,
): Promise<DeleteGroupsResponse['results']> {
  const states = await context.groups.askForGroups<StateOfGroup>(
    call,
    groupIds,
    (shard, groupCall, ids, nowMs) => shard.beginDeleteShareGroups(groupCall, ids, nowMs),
    (groupId, errorCode) => ({ groupId, errorCode, remove: new Map() }),
  );
  const errors = new Map<string, number>();
  await Promise.all(
    states.map(async ({ groupId, errorCode, remove }) => {
      const codes = errorCode === KafkaError.NONE ? await forget(context, groupId, remove) : new Map();
      const error = errorCode || [...codes.values()].find((code) => code !== KafkaError.NONE);
      if (error) errors.set(groupId, error);
    }),
  );
  const deleted = await context.groups.askForGroups(
    call,
    groupIds.filter((groupId) => !errors.has(groupId)),
    (shard, groupCall, ids, nowMs) => shard.deleteGroups(groupCall, ids, nowMs),
    (groupId, errorCode) => ({ groupId, errorCode }),
  );
  return [...[...errors].map(([groupId, errorCode]) => ({ groupId, errorCode })), ...deleted];
}
