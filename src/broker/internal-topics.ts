/** The topics in which coordinators keep their memory. Clients read them; only brokers write them. Any thread. */

export const GROUP_TOPIC = '__consumer_offsets';
export const SHARE_STATE_TOPIC = '__share_group_state';

const INTERNAL_TOPICS = new Set([GROUP_TOPIC, '__transaction_state', SHARE_STATE_TOPIC]);

export function isInternalTopic(name: string): boolean {
  return INTERNAL_TOPICS.has(name);
}
