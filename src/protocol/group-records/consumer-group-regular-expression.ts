/**
 * Record of __consumer_offsets: the topics that a regular expression of a consumer group matched, as of which metadata and
 * when (KIP-848).
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const consumerGroupRegularExpressionKey = defineMessage({
  name: 'ConsumerGroupRegularExpressionKey',
  kind: 'coordinator-key',
  key: 16,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
    regularExpression: t.string(),
  },
});
export type ConsumerGroupRegularExpressionKey = Infer<typeof consumerGroupRegularExpressionKey>;

export const consumerGroupRegularExpressionValue = defineMessage({
  name: 'ConsumerGroupRegularExpressionValue',
  kind: 'coordinator-value',
  key: 16,
  versions: [0, 0],
  flexible: 0,
  fields: {
    topics: t.array(t.string()),
    version: t.int64(),
    timestamp: t.int64(),
  },
});
export type ConsumerGroupRegularExpressionValue = Infer<typeof consumerGroupRegularExpressionValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerGroupRegularExpressionValueInput = InferInput<typeof consumerGroupRegularExpressionValue>;
