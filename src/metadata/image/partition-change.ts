/** What one record does to one partition (PartitionRegistration.java). Pure. */

import type { PartitionChangeRecord, PartitionRecord } from '../../protocol/records/partitions.js';
import { DIRECTORY_MIGRATING, DIRECTORY_UNASSIGNED, type PartitionImage } from './model.js';

/** `leader` of a change that leaves the leader and its epoch alone. */
export const NO_LEADER_CHANGE = -2;

export function newPartition(record: PartitionRecord): PartitionImage {
  const directories =
    record.directories.length === record.replicas.length
      ? record.directories
      : record.replicas.map(() => DIRECTORY_MIGRATING);
  return {
    index: record.partitionId,
    replicas: record.replicas,
    directories,
    isr: record.isr,
    removingReplicas: record.removingReplicas,
    addingReplicas: record.addingReplicas,
    elr: record.eligibleLeaderReplicas ?? [],
    lastKnownElr: record.lastKnownElr ?? [],
    leader: record.leader,
    leaderRecoveryState: record.leaderRecoveryState,
    leaderEpoch: record.leaderEpoch,
    partitionEpoch: record.partitionEpoch,
  };
}

/** Every change raises the partition epoch; one that names a leader, also -1, raises the leader epoch. */
export function changedPartition(before: PartitionImage, record: PartitionChangeRecord): PartitionImage {
  const replicas = record.replicas ?? before.replicas;
  const leaderNamed = record.leader !== NO_LEADER_CHANGE;
  return {
    index: before.index,
    replicas,
    directories: record.directories ?? directoriesFor(before, replicas),
    isr: record.isr ?? before.isr,
    removingReplicas: record.removingReplicas ?? before.removingReplicas,
    addingReplicas: record.addingReplicas ?? before.addingReplicas,
    elr: record.eligibleLeaderReplicas ?? before.elr,
    lastKnownElr: record.lastKnownElr ?? before.lastKnownElr,
    leader: leaderNamed ? record.leader : before.leader,
    leaderRecoveryState:
      record.leaderRecoveryState >= 0 ? record.leaderRecoveryState : before.leaderRecoveryState,
    leaderEpoch: before.leaderEpoch + (leaderNamed ? 1 : 0),
    partitionEpoch: before.partitionEpoch + 1,
  };
}

function directoriesFor(before: PartitionImage, replicas: readonly number[]): readonly string[] {
  if (replicas === before.replicas) return before.directories;
  return replicas.map((id) => before.directories[before.replicas.indexOf(id)] ?? DIRECTORY_UNASSIGNED);
}
