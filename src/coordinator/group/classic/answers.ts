/** Answers of the classic protocol in the request's version, and how they look when records could not be written. */
import { KafkaError } from '../../../base/kafka-error.js';
import type { JoinGroupResponse } from '../../../protocol/11-join-group.js';
import type { SyncGroupResponse } from '../../../protocol/14-sync-group.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupRecord } from '../records/group-record.js';
import type { ClassicGroup } from './classic-group.js';
import { type ClassicMember, NO_ASSIGNMENT, type Waiting } from './classic-member.js';

type Out = OutcomeBuilder<GroupRecord>;

const JOIN_DEFAULTS: JoinGroupResponse = {
  throttleTimeMs: 0,
  errorCode: KafkaError.NONE,
  generationId: -1,
  protocolType: null,
  protocolName: null,
  leader: '',
  skipAssignment: false,
  memberId: '',
  members: [],
};
/** First version in which "no protocol name" is null; "" before. */
const NULL_PROTOCOL_VERSION = 7;

export function answerJoin(out: Out, waiting: Waiting, fields: Partial<JoinGroupResponse>): void {
  const response = { ...JOIN_DEFAULTS, ...fields };
  if (waiting.version < NULL_PROTOCOL_VERSION) response.protocolName ??= '';
  out.answer(waiting.token, response, (errorCode) => ({
    ...JOIN_DEFAULTS,
    memberId: response.memberId,
    errorCode,
  }));
}

export function answerSync(out: Out, waiting: Waiting, fields: Partial<SyncGroupResponse>): void {
  const failure = (errorCode: number): SyncGroupResponse => ({
    throttleTimeMs: 0,
    errorCode,
    protocolType: null,
    protocolName: null,
    assignment: NO_ASSIGNMENT,
  });
  out.answer(waiting.token, { ...failure(KafkaError.NONE), ...fields }, failure);
}

/** Answers the JoinGroup of a member that waits, if one does. */
export function completeJoin(
  out: Out,
  group: ClassicGroup,
  member: ClassicMember,
  fields: Partial<JoinGroupResponse>,
): void {
  if (member.awaitingJoin === null) return;
  answerJoin(out, member.awaitingJoin, fields);
  group.setAwaitingJoin(member, null);
}

/** Answers the SyncGroup of a member that waits. Returns whether one did. */
export function completeSync(out: Out, member: ClassicMember, fields: Partial<SyncGroupResponse>): boolean {
  if (member.awaitingSync === null) return false;
  answerSync(out, member.awaitingSync, fields);
  member.awaitingSync = null;
  return true;
}

/** The generation as its members learn it; `members` for the leader. */
export function generationFields(group: ClassicGroup, memberId: string): Partial<JoinGroupResponse> {
  return {
    memberId,
    generationId: group.generation,
    protocolName: group.protocolName,
    protocolType: group.protocolType,
    leader: group.leaderId ?? '',
  };
}

/** What the leader needs in order to assign. */
export function joinedMembers(group: ClassicGroup): JoinGroupResponse['members'] {
  return [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    metadata: group.metadataOf(member),
  }));
}
