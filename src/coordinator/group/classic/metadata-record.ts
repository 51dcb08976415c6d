/** A classic group as a record, and back. */
import type {
  GroupMetadataMember,
  GroupMetadataValue,
} from '../../../protocol/group-records/group-metadata.js';
import type { GroupMetadataRecord } from '../records/classic-records.js';
import { ClassicGroup } from './classic-group.js';
import { ClassicMember, copyProtocols, NO_ASSIGNMENT } from './classic-member.js';

/** The group with the assignments given (of its members' present ones by default). */
export function groupMetadataRecord(
  group: ClassicGroup,
  assignments?: ReadonlyMap<string, Uint8Array>,
): GroupMetadataRecord {
  const members = [...group.members.values()].map(
    (member): GroupMetadataMember => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: group.metadataOf(member),
      assignment:
        assignments === undefined ? member.assignment : (assignments.get(member.memberId) ?? NO_ASSIGNMENT),
    }),
  );
  return record(group, { protocolType: group.protocolType ?? '', generation: group.generation, members });
}

/** A group that has just been made and has no generation: so that a restart knows its type (Kafka does the same). */
export function newGroupRecord(group: ClassicGroup): GroupMetadataRecord {
  return {
    type: 'GroupMetadata',
    group: group.groupId,
    value: {
      protocolType: '',
      generation: 0,
      protocol: null,
      leader: null,
      currentStateTimestamp: group.stateTimestampMs ?? -1,
      members: [],
    },
  };
}

function record(
  group: ClassicGroup,
  fields: Pick<GroupMetadataValue, 'protocolType' | 'generation' | 'members'>,
): GroupMetadataRecord {
  return {
    type: 'GroupMetadata',
    group: group.groupId,
    value: {
      ...fields,
      protocol: group.protocolName,
      leader: group.leaderId,
      currentStateTimestamp: group.stateTimestampMs ?? -1,
    },
  };
}

/** The group that a record describes. Its members wait for nothing and have no timers yet. */
export function groupFromRecord(groupId: string, value: GroupMetadataValue): ClassicGroup {
  const group = new ClassicGroup({
    groupId,
    generation: value.generation,
    protocolType: value.protocolType === '' ? null : value.protocolType,
    protocolName: value.protocol,
    leaderId: value.leader,
    stateTimestampMs: value.currentStateTimestamp === -1 ? null : value.currentStateTimestamp,
  });
  for (const stored of withoutRepeats(value.members))
    group.add(memberFromRecord(stored, value.protocol ?? ''), null);
  if (group.members.size > 0) group.state = 'Stable';
  group.refreshSubscribed();
  return group;
}

/** Kafka never writes an id twice; should a log say so, the first one counts. */
function withoutRepeats(members: readonly GroupMetadataMember[]): GroupMetadataMember[] {
  const ids = new Set<string>();
  const instances = new Set<string | null>();
  return members.filter(({ memberId, groupInstanceId }) => {
    if (ids.has(memberId) || (groupInstanceId !== null && instances.has(groupInstanceId))) return false;
    ids.add(memberId);
    instances.add(groupInstanceId);
    return true;
  });
}

function memberFromRecord(stored: GroupMetadataMember, protocol: string): ClassicMember {
  const member = new ClassicMember(
    stored,
    {
      // Version 0 of the record had one timeout for both.
      rebalanceTimeoutMs: stored.rebalanceTimeout === -1 ? stored.sessionTimeout : stored.rebalanceTimeout,
      sessionTimeoutMs: stored.sessionTimeout,
    },
    copyProtocols([{ name: protocol, metadata: stored.subscription }]),
  );
  member.assignment = stored.assignment;
  return member;
}

/** A record that the group itself caused: from now on its members have these assignments. */
export function applyAssignments(group: ClassicGroup, value: GroupMetadataValue): void {
  for (const stored of value.members) {
    const member = group.members.get(stored.memberId);
    if (member !== undefined) member.assignment = stored.assignment;
  }
}
