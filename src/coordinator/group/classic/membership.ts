/** How a member enters the group or enters it again; each change ends in a rebalance, or in its completion. */
import { KafkaError } from '../../../base/kafka-error.js';
import type { JoinGroupRequest } from '../../../protocol/11-join-group.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupCall } from '../group-call.js';
import type { GroupContext } from '../group-context.js';
import type { GroupRecord } from '../records/group-record.js';
import { completeJoin, completeSync, generationFields, joinedMembers } from './answers.js';
import type { ClassicGroup } from './classic-group.js';
import { ClassicMember, copyProtocols, type MemberTimeouts } from './classic-member.js';
import { groupMetadataRecord } from './metadata-record.js';
import { maybeCompleteJoinPhase, prepareRebalance, rebalanceOrCompleteJoin } from './rebalance.js';
import { restartSession } from './session.js';
import { sessionTimerKey } from './timers.js';

type Out = OutcomeBuilder<GroupRecord>;

/**
 * How long a new member that waits in the join phase may live without being heard of: it does not send heartbeats yet, and a
 * client that gave up must not stay a member for ever (Kafka: CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS).
 */
export const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1000;
/** First version that may tell a leader to keep the assignment. */
const SKIP_ASSIGNMENT_VERSION = 9;

/** A JoinGroup under way: its request, who sent it, where to answer. */
export interface Join {
  readonly context: GroupContext;
  readonly out: Out;
  readonly call: GroupCall;
  readonly request: JoinGroupRequest;
  readonly group: ClassicGroup;
  readonly nowMs: number;
}

/** Version 0 has one timeout for both. */
function timeoutsOf({ call, request }: Join): MemberTimeouts {
  const { sessionTimeoutMs } = request;
  return {
    sessionTimeoutMs,
    rebalanceTimeoutMs: call.version === 0 ? sessionTimeoutMs : request.rebalanceTimeoutMs,
  };
}

export function addMember(join: Join, memberId: string): void {
  const { context, out, call, request, group, nowMs } = join;
  const member = new ClassicMember(
    {
      memberId,
      groupInstanceId: request.groupInstanceId,
      clientId: call.clientId,
      clientHost: call.clientHost,
    },
    timeoutsOf(join),
    copyProtocols(request.protocols),
  );
  member.isNew = true;
  if (group.isInitialRebalance) group.newMemberAdded = true;
  if (group.members.size === 0) group.protocolType = request.protocolType;
  group.add(member, { token: call.token, version: call.version });
  restartSession(out, group, member, nowMs, NEW_MEMBER_JOIN_TIMEOUT_MS);
  rebalanceOrCompleteJoin(context, out, group, nowMs);
}

/** A member joins again; what it waits for from an earlier request is answered: nobody else will. */
export function rejoinMember(join: Join, member: ClassicMember): void {
  const { context, out, call, request, group, nowMs } = join;
  completeJoin(out, group, member, {
    memberId: member.memberId,
    errorCode: KafkaError.REBALANCE_IN_PROGRESS,
  });
  group.update(member, copyProtocols(request.protocols), timeoutsOf(join));
  group.setAwaitingJoin(member, { token: call.token, version: call.version });
  rebalanceOrCompleteJoin(context, out, group, nowMs);
}

/** A static member starts anew: its instance id gets a new member id, the process that had the old one is fenced. */
export function replaceStaticMember(join: Join, oldMemberId: string, newMemberId: string): void {
  const { context, out, call, request, group, nowMs } = join;
  const oldLeaderId = group.leaderId;
  const member = takeOver(join, group.member(oldMemberId), newMemberId);
  group.setAwaitingJoin(member, { token: call.token, version: call.version });
  restartSession(out, group, member, nowMs);
  switch (group.state) {
    case 'Stable':
      if (group.protocolName !== group.selectProtocol()) {
        prepareRebalance(context, out, group, nowMs);
        return;
      }
      out.record(groupMetadataRecord(group));
      completeJoin(out, group, member, keepGeneration(join, member, oldLeaderId));
      return;
    case 'CompletingRebalance':
      prepareRebalance(context, out, group, nowMs);
      return;
    default:
      maybeCompleteJoinPhase(context, out, group, nowMs);
      return;
  }
  function keepGeneration({ call: { version } }: Join, { memberId }: ClassicMember, leader: string | null) {
    if (version < SKIP_ASSIGNMENT_VERSION) {
      // Told that somebody else leads, a returning leader will not assign: nobody else would fetch it.
      return { ...generationFields(group, memberId), leader: leader ?? '' };
    }
    const isLeader = group.leaderId === memberId;
    return {
      ...generationFields(group, memberId),
      members: isLeader ? joinedMembers(group) : [],
      skipAssignment: isLeader,
    };
  }

  function takeOver(from: Join, old: ClassicMember, memberId: string): ClassicMember {
    const errorCode = KafkaError.FENCED_INSTANCE_ID;
    completeJoin(out, group, old, { memberId: old.memberId, errorCode, protocolName: null });
    completeSync(out, old, { errorCode });
    out.cancelTimer(sessionTimerKey(group.groupId, old.memberId));
    // Client id and host stay those of the first process, as in Kafka.
    const { groupInstanceId, clientId, clientHost } = old;
    const identity = { memberId, groupInstanceId, clientId, clientHost };
    const successor = new ClassicMember(identity, timeoutsOf(from), copyProtocols(request.protocols));
    group.replace(old, successor);
    return successor;
  }
}
