/**
 * The embedded protocol of classic consumers, read and written: an int16 version, then ConsumerProtocolSubscription or
 * ConsumerProtocolAssignment. A version newer than known is read as the newest known one.
 */
import {
  type ConsumerProtocolSubscription,
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../../protocol/group-records/consumer-protocol.js';
import { decode, encode, type Message, Reader, WireError, Writer } from '../../../wire/index.js';
import type { Assignment } from '../../assignor/assignor.js';
import type { TopicView } from '../topic-view.js';
import type { TopicPartitions } from './owned-partitions.js';

/** One of each per thread. */
const reader = new Reader();
const writer = new Writer();

/** null: malformed. */
function parse<Value>(message: Message<Value>, bytes: Uint8Array): Value | null {
  try {
    reader.reset(bytes, 0, bytes.length);
    const version = reader.int16();
    return version < 0 ? null : decode(message, Math.min(version, message.versions[1]), reader);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

export function parseSubscription(bytes: Uint8Array): ConsumerProtocolSubscription | null {
  return parse(consumerProtocolSubscription, bytes);
}

export interface ParsedAssignment {
  readonly assignment: Assignment;
  /** Of a custom assignor: it would be lost. */
  readonly hasUserData: boolean;
}

/** Topics that do not exist are left out. Nothing assigned has no bytes at all. */
export function parseAssignment(bytes: Uint8Array, topics: TopicView): ParsedAssignment | null {
  if (bytes.length === 0) return { assignment: new Map(), hasUserData: false };
  const parsed = parse(consumerProtocolAssignment, bytes);
  if (parsed === null) return null;
  const assignment = new Map<string, ReadonlySet<number>>();
  for (const { topic, partitions } of parsed.assignedPartitions) {
    const known = topics.byName(topic);
    if (known !== undefined) assignment.set(known.id, new Set(partitions));
  }
  return { assignment, hasUserData: parsed.userData !== null && parsed.userData.length > 0 };
}

/** In the version of the member's own subscription. Throws AssertionError for one without a version: it was parsed before. */
export function assignmentBytes(
  assignment: ReadonlyMap<string, ReadonlySet<number> | ReadonlyMap<number, number>>,
  subscription: Uint8Array,
  topics: TopicView,
): Uint8Array {
  const version = Math.min(reader.reset(subscription, 0, subscription.length).int16(), 3);
  const assignedPartitions = [...assignment].flatMap(([topicId, partitions]) => {
    const topic = topics.byId(topicId);
    return topic === undefined ? [] : [{ topic: topic.name, partitions: [...partitions.keys()] }];
  });
  writer.reset().int16(version);
  encode(consumerProtocolAssignment, version, writer, { assignedPartitions });
  return writer.written().slice();
}

/** What a classic consumer says it owns, by topic id. */
export function ownedByTopicId(
  owned: ConsumerProtocolSubscription['ownedPartitions'],
  topics: TopicView,
): TopicPartitions[] {
  return owned.flatMap(({ topic, partitions }) => {
    const known = topics.byName(topic);
    return known === undefined ? [] : [{ topicId: known.id, partitions }];
  });
}
