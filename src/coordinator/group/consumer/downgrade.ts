/**
 * A consumer group becomes a classic one when its last member of the new protocol leaves, or comes back under its instance
 * id with the classic protocol.
 */
import { assert } from '../../../base/assert.js';
import { ClassicGroup, CONSUMER_PROTOCOL_TYPE } from '../classic/classic-group.js';
import { ClassicMember } from '../classic/classic-member.js';
import { groupMetadataRecord } from '../classic/metadata-record.js';
import { prepareRebalance } from '../classic/rebalance.js';
import { restartSession } from '../classic/session.js';
import type { ConsumerContext, Decision } from './consumer-context.js';
import type { ConsumerGroup } from './consumer-group.js';
import { assignmentBytes } from './consumer-protocol.js';
import type { ConsumerGroupMember } from './member.js';
import { groupTombstones } from './records.js';

function isAllowed({ settings }: ConsumerContext, members: number): boolean {
  const policy = settings.consumerGroupMigrationPolicy;
  return (policy === 'downgrade' || policy === 'bidirectional') && members <= settings.groupMaxSize;
}

/** Whether the group without `leaving` is (and may be) a classic one: then it becomes it, with a rebalance. */
export function downgradeAfterLeave(
  context: ConsumerContext,
  group: ConsumerGroup,
  leaving: readonly ConsumerGroupMember[],
  nowMs: number,
  out: Decision,
): boolean {
  const gone = new Set(leaving.map(({ memberId }) => memberId));
  const staying = [...group.members.values()].filter(({ memberId }) => !gone.has(memberId));
  if (staying.length === 0 || staying.some(({ classic }) => classic === null)) return false;
  if (!isAllowed(context, staying.length)) return false;
  cancelTimers(context, group, out);
  for (const record of groupTombstones(group)) out.record(record);
  const classic = converted(context, group, staying, null, nowMs);
  install(context, classic, nowMs, out);
  prepareRebalance(context, out, classic, nowMs);
  return true;
}

/** Whether the group has one member of the new protocol, `replaced`, and may become a classic one without it. */
export function mayDowngradeWithout(
  context: ConsumerContext,
  group: ConsumerGroup,
  replaced: ConsumerGroupMember | undefined,
): boolean {
  if (replaced === undefined || replaced.classic !== null) return false;
  return group.classicMemberCount === group.members.size - 1 && isAllowed(context, group.members.size);
}

/**
 * `joining` takes the place of `replaced`; earlier records of this decision have done so already. `rebalance`: the
 * assignment is older than the group.
 */
export function downgradeWithJoining(
  context: ConsumerContext,
  group: ConsumerGroup,
  joining: ConsumerGroupMember,
  replaced: ConsumerGroupMember,
  rebalance: boolean,
  nowMs: number,
  out: Decision,
): void {
  cancelTimers(context, group, out);
  const rename = (memberId: string) => (memberId === replaced.memberId ? joining.memberId : memberId);
  for (const record of groupTombstones(group, rename)) out.record(record);
  const others = [...group.members.values()].filter(({ memberId }) => memberId !== replaced.memberId);
  const classic = converted(context, group, [...others, joining], { joining, replaced }, nowMs);
  install(context, classic, nowMs, out);
  if (rebalance) prepareRebalance(context, out, classic, nowMs);
}

function cancelTimers({ joinTimers }: ConsumerContext, group: ConsumerGroup, out: Decision): void {
  for (const key of group.timerKeys()) {
    out.cancelTimer(key);
    joinTimers.delete(key);
  }
}

function converted(
  context: ConsumerContext,
  group: ConsumerGroup,
  members: readonly ConsumerGroupMember[],
  replacement: { joining: ConsumerGroupMember; replaced: ConsumerGroupMember } | null,
  nowMs: number,
): ClassicGroup {
  const classic = new ClassicGroup({
    groupId: group.groupId,
    generation: group.groupEpoch,
    protocolType: CONSUMER_PROTOCOL_TYPE,
    protocolName: null,
    leaderId: null,
    stateTimestampMs: nowMs,
  });
  for (const member of members) classic.add(classicMember(member), null);
  classic.state = 'Stable';
  classic.protocolName = classic.selectProtocol();
  classic.refreshSubscribed();
  for (const member of classic.members.values()) {
    const isJoining = member.memberId === replacement?.joining.memberId;
    const id = isJoining ? replacement.replaced.memberId : member.memberId;
    const target = group.target.get(id) ?? new Map();
    member.assignment = assignmentBytes(target, classic.metadataOf(member), context.topics());
  }
  return classic;
}

function classicMember(member: ConsumerGroupMember): ClassicMember {
  const { classic } = member;
  assert(classic !== null, `${member.memberId} speaks the classic protocol`);
  const { memberId, instanceId: groupInstanceId, clientId, clientHost, rebalanceTimeoutMs } = member;
  return new ClassicMember(
    { memberId, groupInstanceId, clientId, clientHost },
    { rebalanceTimeoutMs, sessionTimeoutMs: classic.sessionTimeoutMs },
    classic.supportedProtocols,
  );
}

/** The classic group is in its place before its records are replayed: they are its own decision. */
function install(context: ConsumerContext, classic: ClassicGroup, nowMs: number, out: Decision): void {
  out.record(groupMetadataRecord(classic));
  context.groups.set(classic);
  for (const member of classic.members.values()) restartSession(out, classic, member, nowMs);
}
