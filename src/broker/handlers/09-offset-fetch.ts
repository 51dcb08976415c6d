/**
 * OffsetFetch (key 9), versions 1-10. KIP-320 leader epochs (v5), KIP-447 requireStable (v7), KIP-709 many groups (v8),
 * KIP-848 member epochs (v9) and topic ids (v10).
 * Main thread; every version is asked as the groups of version 8, each of its own shard.
 */
import { KafkaError } from '../../base/kafka-error.js';
import {
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  offsetFetchRequest,
  offsetFetchResponse,
} from '../../protocol/09-offset-fetch.js';
import { ZERO_UUID } from '../../wire/index.js';
import type { Call } from '../handler.js';
import { type MainContext, mainHandler } from '../main/context.js';

type Group = OffsetFetchRequest['groups'][number];
type Topic = NonNullable<Group['topics']>[number];
type Answer = OffsetFetchResponse['groups'][number];

const ALL_TOPICS_VERSION_MIN = 2;
const GROUPS_VERSION_MIN = 8;
const TOPIC_ID_VERSION_MIN = 10;

function answers({ name, topicId, partitionIndexes }: Topic, errorCode: number): Answer['topics'][number] {
  const nothing = { committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode };
  return {
    name,
    topicId,
    partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, ...nothing })),
  };
}

/** Names topics by name and id; splits off ids that no topic has. Names need not exist: they have no offsets then. */
function check({ metadata }: MainContext, topics: readonly Topic[], version: number) {
  const known: Topic[] = [];
  const unknown: Answer['topics'] = [];
  for (const topic of topics) {
    if (version < TOPIC_ID_VERSION_MIN) {
      known.push({ ...topic, topicId: metadata.image.topicByName(topic.name)?.id ?? ZERO_UUID });
      continue;
    }
    const found = metadata.image.topicById(topic.topicId);
    if (found === undefined) unknown.push(answers(topic, KafkaError.UNKNOWN_TOPIC_ID));
    else known.push({ ...topic, name: found.name });
  }
  return { known, unknown };
}

async function fetchGroup(
  context: MainContext,
  group: Group,
  requireStable: boolean,
  call: Call,
): Promise<Answer> {
  const checked = group.topics === null ? null : check(context, group.topics, call.version);
  const asked = { ...group, topics: checked === null ? null : checked.known };
  const answer = await context.groups.ask<Answer>(
    call,
    group.groupId,
    (shard, groupCall, nowMs) => shard.fetchOffsets(groupCall, asked, requireStable, nowMs),
    (errorCode) => ({ groupId: group.groupId, topics: [], errorCode }),
  );
  if (checked === null || answer.errorCode !== 0) return answer;
  return { ...answer, topics: [...checked.unknown, ...answer.topics] };
}

/** Versions before 8: one group. Version 1 has no error of its own: each partition carries it. */
async function fetchSingle(context: MainContext, request: OffsetFetchRequest, call: Call) {
  const { groupId, requireStable } = request;
  const topics =
    request.topics === null ? null : request.topics.map((topic) => ({ ...topic, topicId: ZERO_UUID }));
  const answer = await fetchGroup(
    context,
    { groupId, topics, memberId: null, memberEpoch: -1 },
    requireStable,
    call,
  );
  if (answer.errorCode === 0) return { topics: answer.topics };
  if (call.version >= ALL_TOPICS_VERSION_MIN) return { errorCode: answer.errorCode };
  return { topics: (topics ?? []).map((topic) => answers(topic, answer.errorCode)) };
}

export const offsetFetchHandler = mainHandler({
  request: offsetFetchRequest,
  response: offsetFetchResponse,
  versions: [1, 10],
  handle: async (context, request, call) => {
    if (call.version < GROUPS_VERSION_MIN) return fetchSingle(context, request, call);
    const { groups, requireStable } = request;
    return {
      groups: await Promise.all(groups.map((group) => fetchGroup(context, group, requireStable, call))),
    };
  },
});
