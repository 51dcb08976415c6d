/** The only look into a consumer's metadata: which topics it subscribes to. Needed for expiry and OffsetDelete. */
import { consumerProtocolSubscription } from '../../../protocol/group-records/consumer-protocol.js';
import { decode, Reader, WireError } from '../../../wire/index.js';

/** Few topics, as nearly always, take less memory in an array and are found as fast. */
export type SubscribedTopics = ReadonlySet<string> | readonly string[];
const FEW_TOPICS = 8;

const reader = new Reader();

/** Topics of the members' metadata; null when one of them cannot be read (then nobody knows what is subscribed). */
export function subscribedTopics(metadata: Iterable<Uint8Array | undefined>): SubscribedTopics | null {
  const topics = new Set<string>();
  try {
    for (const bytes of metadata) {
      if (bytes === undefined) return null;
      reader.reset(bytes, 0, bytes.length);
      if (reader.int16() < 0) return null;
      // Version 0 is the beginning of all versions; the rest is not looked at.
      for (const topic of decode(consumerProtocolSubscription, 0, reader).topics) topics.add(topic);
    }
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
  return topics.size <= FEW_TOPICS ? [...topics] : topics;
}

export function includesTopic(topics: SubscribedTopics, topic: string): boolean {
  return 'has' in topics ? topics.has(topic) : topics.includes(topic);
}
