/** A member of a share group: a value, replaced as a whole when anything about it changes (ShareGroupMember). */
import { type Assignment, EMPTY_ASSIGNMENT } from '../../assignor/assignor.js';
import { sameNames } from '../consumer/member.js';

/** Epochs in requests that are none. */
export const JOIN_EPOCH = 0;
export const LEAVE_EPOCH = -1;

export interface ShareGroupMember {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** Sorted, without duplicates. */
  readonly subscribedTopicNames: readonly string[];
  readonly assignedPartitions: Assignment;
}

export function newShareMember(memberId: string): ShareGroupMember {
  return {
    memberId,
    memberEpoch: 0,
    previousMemberEpoch: -1,
    rackId: null,
    clientId: '',
    clientHost: '',
    subscribedTopicNames: [],
    assignedPartitions: EMPTY_ASSIGNMENT,
  };
}

/** What the member says of itself is the same. */
export function sameDescription(a: ShareGroupMember, b: ShareGroupMember): boolean {
  return (
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    sameNames(a.subscribedTopicNames, b.subscribedTopicNames)
  );
}
