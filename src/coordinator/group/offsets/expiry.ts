/**
 * Expiry (KIP-211): offsets that nobody needs any more, and groups that have none left. Looked for in steps of bounded size;
 * a step that is full says so and the next one goes on, since what it removed is gone by then.
 */
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { Group } from '../group.js';
import type { GroupContext } from '../group-context.js';
import type { GroupRecord } from '../records/group-record.js';
import { offsetTombstone } from './delete.js';

/** Tombstones in one batch: 5,000 × about 100 bytes stay below half of message.max.bytes. */
export const TOMBSTONES_MAX = 5_000;

type Out = OutcomeBuilder<GroupRecord>;

/** Returns whether everything was looked at. */
export function expireOffsets(context: GroupContext, out: Out, nowMs: number): boolean {
  for (const group of context.groups.values()) {
    if (out.records.length >= TOMBSTONES_MAX) return false;
    const isBare = expireGroupOffsets(context, out, group, nowMs);
    if (!isBare || !group.isEmpty) continue;
    for (const record of group.tombstones()) out.record(record);
    for (const key of group.timerKeys()) out.cancelTimer(key);
    context.report('info', 'group expired', { group: group.groupId });
  }
  return out.records.length < TOMBSTONES_MAX;
}

/** Returns whether the group has no offset left. */
function expireGroupOffsets(context: GroupContext, out: Out, group: Group, nowMs: number): boolean {
  const { offsets, settings } = context;
  const topics = offsets.committed.group(group.groupId);
  if (topics === undefined) return !offsets.pending.hasGroup(group.groupId);
  const base = group.expirationBase();
  if (base === null) return false;
  const hasPending = offsets.pending.hasGroup(group.groupId);
  let isBare = true;
  for (const [topic, partitions] of topics) {
    if (group.isSubscribedTo(topic)) {
      isBare = false;
      continue;
    }
    partitions.forEachTime((partition, commitTimestampMs, expireTimestampMs) => {
      // A retention time of its own decides alone.
      const isDue =
        expireTimestampMs === -1
          ? nowMs - base(commitTimestampMs) >= settings.offsetsRetentionMs
          : nowMs >= expireTimestampMs;
      const isPending = hasPending && offsets.pending.has(group.groupId, topic, partition);
      if (isDue && !isPending && out.records.length < TOMBSTONES_MAX)
        out.record(offsetTombstone(group.groupId, topic, partition));
      else isBare = false;
    });
  }
  return isBare && !hasPending;
}
