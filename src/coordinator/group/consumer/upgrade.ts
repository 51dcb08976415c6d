/** A group of the classic protocol becomes a consumer group when a member of the new protocol joins it. */
import type { Group } from '../group.js';
import type { ConsumerContext, Decision } from './consumer-context.js';
import { ConsumerGroup } from './consumer-group.js';

/** The group in its new shape; null: it stays what it is. Throws Rejection with the reason. */
export function upgradeOrNull(
  _context: ConsumerContext,
  group: Group,
  _nowMs: number,
  out: Decision,
): ConsumerGroup | null {
  if (!group.isEmpty) return null;
  // Nobody is left in it; its offsets stay.
  for (const record of group.tombstones()) out.record(record);
  for (const key of group.timerKeys()) out.cancelTimer(key);
  return new ConsumerGroup(group.groupId);
}
