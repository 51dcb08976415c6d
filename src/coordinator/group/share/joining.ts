/** Who may join a share group or stay in it, and what a heartbeat must look like. Throws Rejection with Kafka's texts. */
import { KafkaError } from '../../../base/kafka-error.js';
import type { ShareGroupHeartbeatRequest } from '../../../protocol/76-share-group-heartbeat.js';
import { Rejection } from '../consumer/rejection.js';
import type { ShareContext } from './share-context.js';
import type { ShareGroup } from './share-group.js';
import { JOIN_EPOCH, LEAVE_EPOCH, newShareMember, type ShareGroupMember } from './share-member.js';

export function checkShareHeartbeat(request: ShareGroupHeartbeatRequest): void {
  const { memberEpoch, subscribedTopicNames: names } = request;
  notBlank(request.memberId, "MemberId can't be empty.");
  notBlank(request.groupId, "GroupId can't be empty.");
  notBlank(request.rackId, "RackId can't be empty.");
  if (memberEpoch === JOIN_EPOCH) {
    if (names === null || names.length === 0) invalid('SubscribedTopicNames must be set in first request.');
  } else if (memberEpoch < LEAVE_EPOCH) invalid('MemberEpoch is invalid.');
}

export function checkSize({ settings }: ShareContext, group: ShareGroup, memberId: string): void {
  const { shareGroupMaxSize } = settings;
  if (group.members.size < shareGroupMaxSize || group.members.has(memberId)) return;
  throw new Rejection(
    KafkaError.GROUP_MAX_SIZE_REACHED,
    `The share group has reached its maximum capacity of ${shareGroupMaxSize} members.`,
  );
}

/** Without an epoch it is not compared. */
export function memberFor(
  group: ShareGroup,
  memberId: string,
  mayCreate: boolean,
  epoch = JOIN_EPOCH,
): ShareGroupMember {
  const member = group.members.get(memberId) ?? (mayCreate ? newShareMember(memberId) : undefined);
  if (member === undefined) {
    const text = `Member ${memberId} is not a member of group ${group.groupId}.`;
    throw new Rejection(KafkaError.UNKNOWN_MEMBER_ID, text);
  }
  checkEpoch(member, epoch);
  return member;
}

/** The epoch before is good as well: the answer that told the new one may have been lost. */
function checkEpoch({ memberEpoch, previousMemberEpoch }: ShareGroupMember, received: number): void {
  if (received === JOIN_EPOCH || received === memberEpoch) return;
  const known = `than the one known by the group coordinator (${memberEpoch})`;
  const rejoin = 'The member must abandon all its partitions and rejoin.';
  if (received > memberEpoch)
    fenced(`The share group member has a greater member epoch (${received}) ${known}. ${rejoin}`);
  if (received !== previousMemberEpoch)
    fenced(
      `The share group member has a smaller member epoch (${received}) ${known}, and it does not match the previous member epoch (${previousMemberEpoch}). ${rejoin}`,
    );
}

function fenced(message: string): never {
  throw new Rejection(KafkaError.FENCED_MEMBER_EPOCH, message);
}

function invalid(message: string): never {
  throw new Rejection(KafkaError.INVALID_REQUEST, message);
}

/** Java's trim(): everything up to the space goes. */
function notBlank(value: string | null, message: string): void {
  if (value === null) return;
  for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) > 0x20) return;
  invalid(message);
}
