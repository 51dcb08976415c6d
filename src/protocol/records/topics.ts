/**
 * Metadata records of topics, and the reset of eligible leader replicas (KIP-966).
 */
import { defineMessage, type Infer, t } from '../../wire/index.js';

export const topicRecord = defineMessage({
  name: 'TopicRecord',
  kind: 'metadata',
  key: 2,
  versions: [0, 0],
  flexible: 0,
  fields: {
    name: t.string(),
    topicId: t.uuid(),
  },
});
export type TopicRecord = Infer<typeof topicRecord>;

export const removeTopicRecord = defineMessage({
  name: 'RemoveTopicRecord',
  kind: 'metadata',
  key: 9,
  versions: [0, 0],
  flexible: 0,
  fields: {
    topicId: t.uuid(),
  },
});
export type RemoveTopicRecord = Infer<typeof removeTopicRecord>;

export const clearElrRecord = defineMessage({
  name: 'ClearElrRecord',
  kind: 'metadata',
  key: 28,
  versions: [0, 0],
  flexible: 0,
  fields: {
    topicName: t.string(),
  },
});
export type ClearElrRecord = Infer<typeof clearElrRecord>;
