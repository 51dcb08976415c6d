/**
 * ShareFetch (key 78), versions 1-2 (KIP-932; v2 KIP-1206 acquire modes, KIP-1222 renewed locks). Main thread, which decides
 * who gets which offsets; the records leave as ranges of the log. Skipped: quotas.
 */
import { KafkaError } from '../../base/kafka-error.js';
import {
  type ShareFetchRequest,
  type ShareFetchResponseInput,
  shareFetchRequest,
  shareFetchResponse,
} from '../../protocol/78-share-fetch.js';
import type { Call } from '../handler.js';
import { type MainContext, mainHandler } from '../main/context.js';
import { type Acknowledgement, acknowledgementsOf } from '../main/share/acknowledgements.js';
import type { AcknowledgedPartition } from '../main/share/share-partitions.js';
import {
  FINAL_EPOCH,
  INITIAL_EPOCH,
  partitionKey,
  type SessionPartition,
  type ShareSession,
  updateSession,
} from '../main/share/share-session.js';
import type { FetchedPartition } from '../main/share/waiting-fetch.js';

type PartitionResponse = NonNullable<
  NonNullable<ShareFetchResponseInput['responses']>[number]['partitions']
>[number];

const RENEW_VERSION_MIN = 2;
const NO_RECORDS = new Uint8Array(0);

function failed(errorCode: number, errorMessage: string | null = null): ShareFetchResponseInput {
  return { errorCode, errorMessage };
}

/** A request that renews locks fetches nothing and must say so. */
function renewProblem(request: ShareFetchRequest): string | null {
  const wrong = (['maxBytes', 'minBytes', 'maxRecords', 'maxWaitMs'] as const).filter(
    (name) => request[name] !== 0,
  );
  return wrong.length === 0
    ? null
    : `${wrong.map((name) => `${name} must be set to 0,`).join(' ')} if isRenewAck is true.`;
}

function partitionsOf(
  topics: readonly { topicId: string; partitions: readonly number[] }[],
): SessionPartition[] {
  return topics.flatMap(({ topicId, partitions }) => partitions.map((partition) => ({ topicId, partition })));
}

/** The member's session for this request, or the error code. */
function openSession(
  { shares }: MainContext,
  request: ShareFetchRequest,
  connection: number,
  acknowledges: boolean,
): ShareSession | number {
  const { shareSessionEpoch, forgottenTopicsData } = request;
  const [groupId, memberId] = [request.groupId ?? '', request.memberId ?? ''];
  const asked = request.topics.flatMap(({ topicId, partitions }) =>
    partitions.map(({ partitionIndex }) => ({ topicId, partition: partitionIndex })),
  );
  if (shareSessionEpoch === INITIAL_EPOCH) {
    if (acknowledges) return KafkaError.INVALID_REQUEST;
    return shares.sessions.open(groupId, memberId, connection, asked);
  }
  const session = shares.sessions.resume(groupId, memberId, shareSessionEpoch);
  if (typeof session !== 'number' && shareSessionEpoch !== FINAL_EPOCH)
    updateSession(session, asked, partitionsOf(forgottenTopicsData));
  return session;
}

async function fetchRecords(
  context: MainContext,
  request: ShareFetchRequest,
  call: Call,
  session: ShareSession,
): Promise<FetchedPartition[]> {
  const { shares, clock, config } = context;
  const { shareSessionEpoch, maxWaitMs, minBytes, maxRecords, batchSize, shareAcquireMode } = request;
  if (shareSessionEpoch === FINAL_EPOCH || (call.version >= RENEW_VERSION_MIN && request.isRenewAck))
    return [];
  const bytesMax = Math.max(0, Math.min(request.maxBytes, config().number('fetch.max.bytes')));
  const params = {
    groupId: session.groupId,
    memberId: session.memberId,
    connection: call.connection,
    deadlineMs: clock.monotonicMs() + Math.max(0, maxWaitMs),
    bytesMin: Math.min(minBytes, bytesMax),
    bytesMax,
    recordsMax: maxRecords,
    batchSize,
    mode: shareAcquireMode,
  };
  return shares.fetch(params, shares.inTurn(session, shareSessionEpoch));
}

function partitionResponse(
  { nodeId }: MainContext,
  fetched: FetchedPartition | undefined,
  acknowledged: AcknowledgedPartition | undefined,
  { partition }: SessionPartition,
): PartitionResponse {
  const errors = [fetched?.error, acknowledged?.error];
  const moved = errors.includes(KafkaError.NOT_LEADER_OR_FOLLOWER);
  return {
    partitionIndex: partition,
    errorCode: fetched?.error ?? 0,
    errorMessage: null,
    acknowledgeErrorCode: acknowledged?.error ?? 0,
    acknowledgeErrorMessage: acknowledged?.message ?? null,
    currentLeader: moved ? { leaderId: nodeId, leaderEpoch: 0 } : { leaderId: 0, leaderEpoch: 0 },
    records: fetched?.records ?? NO_RECORDS,
    acquiredRecords: [...(fetched?.acquired ?? [])],
  };
}

/** Fetched partitions and acknowledged ones, each partition once. */
function combine(
  context: MainContext,
  fetched: readonly FetchedPartition[],
  acknowledged: readonly AcknowledgedPartition[],
): NonNullable<ShareFetchResponseInput['responses']> {
  const results = new Map(acknowledged.map((one) => [partitionKey(one), one]));
  const topics = new Map<string, PartitionResponse[]>();
  const add = (one: SessionPartition, response: PartitionResponse): void => {
    const partitions = topics.get(one.topicId);
    if (partitions === undefined) topics.set(one.topicId, [response]);
    else partitions.push(response);
  };
  for (const one of fetched) {
    const result = results.get(partitionKey(one));
    results.delete(partitionKey(one));
    add(one, partitionResponse(context, one, result, one));
  }
  for (const one of results.values()) add(one, partitionResponse(context, undefined, one, one));
  return [...topics].map(([topicId, partitions]) => ({ topicId, partitions }));
}

async function serve(
  context: MainContext,
  request: ShareFetchRequest,
  call: Call,
  session: ShareSession,
  acknowledgements: readonly Acknowledgement[],
): Promise<ShareFetchResponseInput> {
  const { shares } = context;
  const { groupId, memberId } = session;
  const mayRenew = call.version >= RENEW_VERSION_MIN && request.isRenewAck;
  const [acknowledged, fetched] = await Promise.all([
    shares.acknowledge(groupId, memberId, acknowledgements, mayRenew),
    fetchRecords(context, request, call, session),
  ]);
  const isFirst = request.shareSessionEpoch === INITIAL_EPOCH;
  const news = fetched.filter(({ error, acquired }) => isFirst || error !== 0 || acquired.length > 0);
  if (request.shareSessionEpoch === FINAL_EPOCH) void shares.memberLeft(groupId, memberId);
  return {
    acquisitionLockTimeoutMs: shares.settings(groupId).lockDurationMs,
    responses: combine(context, news, acknowledged),
  };
}

export const shareFetchHandler = mainHandler({
  request: shareFetchRequest,
  response: shareFetchResponse,
  versions: [1, 2],
  handle: async (context, request, call) => {
    if (!context.offersShareGroups()) return failed(KafkaError.UNSUPPORTED_VERSION);
    if (call.version >= RENEW_VERSION_MIN && request.isRenewAck) {
      const problem = renewProblem(request);
      if (problem !== null) return failed(KafkaError.INVALID_REQUEST, problem);
    }
    const acknowledgements = acknowledgementsOf(request.topics, false);
    const session = openSession(context, request, call.connection, acknowledgements.length > 0);
    if (typeof session === 'number') return failed(session);
    return serve(context, request, call, session, acknowledgements);
  },
});
