/**
 * Uniform assignment when all members have the same topics (UniformHomogeneousAssignmentBuilder of 4.3.1). With P
 * partitions and M members, P mod M members own one more than ⌊P/M⌋; a member that already owns one more is preferred.
 * One pass takes away what exceeds the quotas, another hands out what is free.
 */
import { assert } from '../../base/assert.js';
import {
  type Assignment,
  addPartition,
  existingPartitionCount,
  type GroupSpec,
  type MutableAssignment,
  type PartitionCount,
  removePartition,
} from './assignor.js';

type TopicPartition = readonly [topicId: string, partition: number];

export function assignHomogeneous(spec: GroupSpec, partitionCount: PartitionCount): Map<string, Assignment> {
  const [first] = spec.members.values();
  if (first === undefined || first.topicIds.size === 0) return new Map();
  const { unassigned, total } = countPartitions(spec, first.topicIds, partitionCount);
  const target = new Map<string, MutableAssignment>();
  const unfilled: { assignment: MutableAssignment; missing: number }[] = [];
  const quotaMin = Math.floor(total / spec.members.size);
  let extras = total % spec.members.size;
  let membersLeft = spec.members.size;
  for (const [memberId, member] of spec.members) {
    let hasExtra = extras > 0;
    const kept = keep(member.assignment, first.topicIds, quotaMin + (hasExtra ? 1 : 0), unassigned);
    let { missing } = kept;
    // The extra partition goes to somebody who has it already, unless so few members are left that each must take one.
    if (missing > 0 && hasExtra && membersLeft > extras) {
      missing--;
      hasExtra = false;
    }
    if (missing > 0) unfilled.push({ assignment: kept.assignment, missing });
    if (hasExtra) extras--;
    membersLeft--;
    target.set(memberId, kept.assignment);
  }
  let next = 0;
  for (const { assignment, missing } of unfilled) {
    for (const [topicId, partition] of unassigned.slice(next, next + missing)) {
      addPartition(assignment, topicId, partition);
    }
    next += missing;
  }
  assert(next >= unassigned.length, 'quotas add up to the partitions');
  return target;
}

/** What a member keeps within its quota, topic by topic; the rest is added to `unassigned`. */
function keep(
  assignment: Assignment,
  topicIds: ReadonlySet<string>,
  quota: number,
  unassigned: TopicPartition[],
): { assignment: MutableAssignment; missing: number } {
  const kept: MutableAssignment = new Map();
  let missing = quota;
  for (const [topicId, partitions] of assignment) {
    if (!topicIds.has(topicId)) continue;
    kept.set(topicId, new Set(partitions));
    for (const partition of partitions) {
      if (missing > 0) {
        missing--;
      } else {
        removePartition(kept, topicId, partition);
        unassigned.push([topicId, partition]);
      }
    }
  }
  return { assignment: kept, missing };
}

function countPartitions(
  spec: GroupSpec,
  topicIds: ReadonlySet<string>,
  partitionCount: PartitionCount,
): { unassigned: TopicPartition[]; total: number } {
  const unassigned: TopicPartition[] = [];
  let total = 0;
  for (const topicId of topicIds) {
    const count = existingPartitionCount(partitionCount, topicId);
    const owned = new Set<number>();
    for (const { assignment } of spec.members.values()) {
      for (const partition of assignment.get(topicId) ?? []) owned.add(partition);
    }
    for (let partition = 0; partition < count; partition++) {
      if (!owned.has(partition)) unassigned.push([topicId, partition]);
    }
    total += count;
  }
  return { unassigned, total };
}
