/**
 * Metadata (key 3), versions 0-13. KIP-4 cluster id (v2), automatic creation on request (v4), offline replicas (v5),
 * leader epochs (v7), authorized operations (v8, KIP-430), topic ids (v10, look-up from v12, KIP-516).
 * Network thread, from its own image; creation is asked of the controller and never waited for.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { topicNameProblem } from '../../metadata/controller/topic-name.js';
import { NO_LEADER, type PartitionImage, type TopicImage } from '../../metadata/image/model.js';
import {
  type MetadataRequest,
  type MetadataResponseInput,
  metadataRequest,
  metadataResponse,
} from '../../protocol/03-metadata.js';
import { ZERO_UUID } from '../../wire/index.js';
import { CLUSTER_OPERATIONS, NO_OPERATIONS, TOPIC_OPERATIONS } from '../authorized-operations.js';
import type { NetworkCall } from '../handler.js';
import { type NetworkContext, networkHandler } from '../network/context.js';

type TopicAnswer = NonNullable<MetadataResponseInput['topics']>[number];
type PartitionAnswer = NonNullable<TopicAnswer['partitions']>[number];
type Asked = NonNullable<MetadataRequest['topics']>[number];
type MetadataCall = NetworkCall<MetadataResponseInput>;

const NOBODY: number[] = [];
const NULL_TOPICS_VERSION_MIN = 1;
const TOPIC_ID_VERSION_MIN = 12;
const LISTENER_NOT_FOUND_VERSION_MIN = 6;
const OPERATIONS_VERSION_MIN = 8;
const OPERATIONS_OF_CLUSTER_VERSION_MAX = 10;

/** The leader clients are told of: none while this broker is still opening the log it leads. */
function servingLeader(
  context: NetworkContext,
  topic: TopicImage,
  { index, leader }: PartitionImage,
): number {
  const opening = leader === context.nodeId && context.topics.slotOf(topic.name, index) < 0;
  return opening ? NO_LEADER : leader;
}

/** One literal each, always with the same fields in the same order: a spread here made every object a shape of its own. */
function partitionAnswer(
  context: NetworkContext,
  topic: TopicImage,
  partition: PartitionImage,
  call: MetadataCall,
): PartitionAnswer {
  const { index, leaderEpoch, replicas, isr } = partition;
  const leader = servingLeader(context, topic, partition);
  const { brokers } = context.topics.image;
  const alive = (id: number): boolean => brokers.get(id)?.fenced === false;
  const offlineReplicas = replicas.every(alive) ? NOBODY : replicas.filter((id) => !alive(id));
  // Version 0 lists the living only and says so (KafkaMetadataCache with errorUnavailableEndpoints).
  const livingOnly = call.version === 0;
  const missing = livingOnly && (offlineReplicas.length > 0 || !isr.every(alive));
  let errorCode = leaderError(context, leader, call);
  if (livingOnly) errorCode = leader < 0 ? KafkaError.LEADER_NOT_AVAILABLE : KafkaError.NONE;
  if (missing && errorCode === KafkaError.NONE) errorCode = KafkaError.REPLICA_NOT_AVAILABLE;
  return {
    errorCode,
    partitionIndex: index,
    leaderId: leader,
    leaderEpoch,
    replicaNodes: missing ? replicas.filter(alive) : replicas,
    isrNodes: missing ? isr.filter(alive) : isr,
    offlineReplicas,
  };
}

function leaderError(context: NetworkContext, leader: number, call: MetadataCall): number {
  const broker = context.topics.image.broker(leader);
  if (broker === undefined || broker.fenced) return KafkaError.LEADER_NOT_AVAILABLE;
  if (broker.endpoints.some(({ name }) => name === call.listener)) return KafkaError.NONE;
  return call.version >= LISTENER_NOT_FOUND_VERSION_MIN
    ? KafkaError.LISTENER_NOT_FOUND
    : KafkaError.LEADER_NOT_AVAILABLE;
}

function topicAnswer(
  context: NetworkContext,
  topic: TopicImage,
  call: MetadataCall,
  operations: number,
): TopicAnswer {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    isInternal: context.topics.isInternal(topic.name),
    partitions: Array.from(topic.partitions.values(), (partition) =>
      partitionAnswer(context, topic, partition, call),
    ),
    topicAuthorizedOperations: operations,
  };
}

function missing(
  errorCode: number,
  name: string | null,
  topicId = ZERO_UUID,
  operations = NO_OPERATIONS,
): TopicAnswer {
  return {
    errorCode,
    name,
    topicId,
    isInternal: false,
    partitions: [],
    topicAuthorizedOperations: operations,
  };
}

/** Topics asked by name: those unknown are created when the request and the configuration allow it. */
function byNames(
  context: NetworkContext,
  request: MetadataRequest,
  asked: Asked[],
  call: MetadataCall,
): TopicAnswer[] {
  const create: string[] = [];
  const operations = request.includeTopicAuthorizedOperations ? TOPIC_OPERATIONS : NO_OPERATIONS;
  const answers = [...new Set(asked.map(({ name }) => name ?? ''))].map((name) => {
    const topic = context.topics.image.topicByName(name);
    if (topic !== undefined) return topicAnswer(context, topic, call, operations);
    // What the client may do with a name does not depend on the topic being there.
    if (topicNameProblem(name) !== null)
      return missing(KafkaError.INVALID_TOPIC_EXCEPTION, name, ZERO_UUID, operations);
    create.push(name);
    return missing(KafkaError.UNKNOWN_TOPIC_OR_PARTITION, name, ZERO_UUID, operations);
  });
  if (create.length > 0 && request.allowAutoTopicCreation && context.config.autoCreateTopics) {
    context.createTopics(create, call);
  }
  return answers;
}

function byIds(
  context: NetworkContext,
  asked: Asked[],
  call: MetadataCall,
  operations: number,
): TopicAnswer[] {
  return asked
    .filter(({ topicId }) => topicId !== ZERO_UUID)
    .map(({ topicId }) => {
      const topic = context.topics.image.topicById(topicId);
      if (topic === undefined) return missing(KafkaError.UNKNOWN_TOPIC_ID, null, topicId);
      return topicAnswer(context, topic, call, operations);
    });
}

function topicAnswers(context: NetworkContext, request: MetadataRequest, call: MetadataCall): TopicAnswer[] {
  const { topics } = request;
  const operations = request.includeTopicAuthorizedOperations ? TOPIC_OPERATIONS : NO_OPERATIONS;
  const all = topics === null || (call.version < NULL_TOPICS_VERSION_MIN && topics.length === 0);
  if (all)
    return [...context.topics.image.topics.all()].map((topic) =>
      topicAnswer(context, topic, call, operations),
    );
  if (topics.some(({ topicId }) => topicId !== ZERO_UUID)) return byIds(context, topics, call, operations);
  return byNames(context, request, topics, call);
}

/** v10 and v11 carry ids that no broker looks up: MetadataRequest answers the whole request with INVALID_REQUEST. */
function isInvalid(topics: MetadataRequest['topics'], version: number): boolean {
  const early = version < TOPIC_ID_VERSION_MIN;
  return (topics ?? []).some(
    ({ topicId, name }) =>
      (early && topicId !== ZERO_UUID) ||
      (name === null && topicId === ZERO_UUID) ||
      (early && name === null),
  );
}

function respond(context: NetworkContext, request: MetadataRequest, call: MetadataCall): void {
  const alive = context.topics.image.brokers.alive();
  const brokers = alive.flatMap(({ id, rack, endpoints }) =>
    endpoints
      .filter(({ name }) => name === call.listener)
      .map(({ host, port }) => ({ nodeId: id, host, port, rack })),
  );
  const wantsCluster =
    call.version >= OPERATIONS_VERSION_MIN &&
    call.version <= OPERATIONS_OF_CLUSTER_VERSION_MAX &&
    request.includeClusterAuthorizedOperations;
  const topics = topicAnswers(context, request, call);
  // A topic that is not there may be created by asking for it: each request must be seen.
  if (topics.every(({ errorCode }) => errorCode === KafkaError.NONE)) call.repeatAnswer();
  call.respond({
    brokers,
    clusterId: context.clusterId,
    controllerId: alive[0]?.id ?? -1,
    topics,
    clusterAuthorizedOperations: wantsCluster ? CLUSTER_OPERATIONS : NO_OPERATIONS,
  });
}

export const metadataHandler = networkHandler({
  request: metadataRequest,
  response: metadataResponse,
  versions: [0, 13],
  repeats: true,
  handle: (context, request, call) => {
    if (!isInvalid(request.topics, call.version)) {
      respond(context, request, call);
      return;
    }
    const topics = (request.topics ?? []).map(({ name, topicId }) =>
      missing(
        KafkaError.INVALID_REQUEST,
        name ?? (call.version >= TOPIC_ID_VERSION_MIN ? null : ''),
        topicId,
      ),
    );
    call.respond({ topics });
  },
});
