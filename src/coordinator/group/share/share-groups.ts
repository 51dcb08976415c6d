/**
 * The door to share groups: what GroupShard calls. Decides nothing itself. Calls that need the share coordinator come in
 * halves: what the first one answers tells the runtime what to ask there, and the second one writes the result down.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { ShareGroupHeartbeatRequest } from '../../../protocol/76-share-group-heartbeat.js';
import type { AlterShareGroupOffsetsRequest } from '../../../protocol/91-alter-share-group-offsets.js';
import type { DeleteShareGroupOffsetsRequest } from '../../../protocol/92-delete-share-group-offsets.js';
import type { Outcome } from '../../framework/contract.js';
import { answerOnly, OutcomeBuilder } from '../../framework/outcome.js';
import type { TimerName } from '../../framework/timer-key.js';
import { TopicHashes } from '../consumer/metadata-hash.js';
import { orRefuse } from '../consumer/rejection.js';
import type { GroupCall } from '../group-call.js';
import type { GroupContext } from '../group-context.js';
import type { GroupRecord } from '../records/group-record.js';
import type { ShareGroupRecord } from '../records/share-group-records.js';
import { describeShareFailure, describeShareGroup } from './describe.js';
import { shareGroupHeartbeat } from './heartbeat.js';
import { fence } from './leave.js';
import {
  type AlteredTopic,
  alterOffsets,
  beginDeleteGroup,
  beginDeleteOffsets,
  completeDeleteOffsets,
  type DeletedTopic,
} from './offsets.js';
import { stateTopicsRecord } from './records.js';
import { replayShareGroupRecord } from './replay.js';
import type { ShareContext, StatePartitions, StateToBegin } from './share-context.js';
import { ShareGroup } from './share-group.js';
import { stateBegun, stateNotBegun } from './state-initialization.js';
import { withoutDeleted } from './state-topics.js';
import { SHARE_SESSION, shareSessionKey } from './timers.js';

type Result = Outcome<GroupRecord>;

/** A refusal of the whole request. */
interface Refused {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** AlterShareGroupOffsets: what is answered when the share coordinator has begun `begin`. */
export interface AlterAnswer extends Refused {
  readonly responses: readonly AlteredTopic[];
  readonly begin: readonly StateToBegin[];
}

/** DeleteShareGroupOffsets: what cannot be deleted, and what the share coordinator is to forget. */
export interface DeleteAnswer extends Refused {
  readonly failed: readonly DeletedTopic[];
  readonly remove: StatePartitions;
}

/** State of a share group that is to be deleted; an error is that group's. */
export interface StateOfGroup {
  readonly groupId: string;
  readonly errorCode: number;
  readonly remove: StatePartitions;
}

function alterFailure(errorCode: number, errorMessage: string | null = null): AlterAnswer {
  return { errorCode, errorMessage, responses: [], begin: [] };
}
function deleteFailure(errorCode: number, errorMessage: string | null = null): DeleteAnswer {
  return { errorCode, errorMessage, failed: [], remove: new Map() };
}

export class ShareGroups {
  readonly #context: ShareContext;

  constructor(context: GroupContext) {
    this.#context = { ...context, hashes: new TopicHashes() };
  }

  heartbeat(call: GroupCall, request: ShareGroupHeartbeatRequest, nowMs: number): Result {
    return shareGroupHeartbeat(this.#context, call, request, nowMs);
  }

  /** The answer is an array of described groups, in the order asked for. */
  describe(call: GroupCall, groupIds: readonly string[]): Result {
    return answerOnly(
      call.token,
      groupIds.map((groupId) => describeShareGroup(this.#context, groupId)),
      (error) => groupIds.map((groupId) => describeShareFailure(groupId, error)),
    );
  }

  /** What the share coordinator answered to a heartbeat's `begin`; the answer is an error code, 0 = written. */
  stateAnswered(call: GroupCall, groupId: string, partitions: StatePartitions, isBegun: boolean): Result {
    const out = new OutcomeBuilder<GroupRecord>();
    const group = this.#context.groups.get(groupId);
    if (group instanceof ShareGroup && partitions.size > 0) {
      if (isBegun) stateBegun(this.#context, group, partitions, out);
      else stateNotBegun(this.#context, group, partitions, out);
    }
    return out.answer<number>(call.token, KafkaError.NONE, (error) => error);
  }

  /** The answer is an AlterAnswer. */
  alterOffsets(call: GroupCall, request: AlterShareGroupOffsetsRequest, nowMs: number): Result {
    return orRefuse<Result>(
      () => {
        const out = new OutcomeBuilder<GroupRecord>();
        const altered = alterOffsets(this.#context, request, nowMs, out);
        const answer = { errorCode: KafkaError.NONE, errorMessage: null, ...altered };
        return out.answer<AlterAnswer>(call.token, answer, alterFailure);
      },
      ({ code, message }) => answerOnly(call.token, alterFailure(code, message), alterFailure),
    );
  }

  /** The answer is a DeleteAnswer. */
  beginDeleteOffsets(call: GroupCall, request: DeleteShareGroupOffsetsRequest): Result {
    return orRefuse<Result>(
      () => {
        const out = new OutcomeBuilder<GroupRecord>();
        const begun = beginDeleteOffsets(this.#context, request, out);
        const answer = { errorCode: KafkaError.NONE, errorMessage: null, ...begun };
        return out.answer<DeleteAnswer>(call.token, answer, deleteFailure);
      },
      ({ code, message }) => answerOnly(call.token, deleteFailure(code, message), deleteFailure),
    );
  }

  /** The answer is an error code, 0 = written. */
  completeDeleteOffsets(call: GroupCall, groupId: string, topicIds: ReadonlySet<string>): Result {
    const out = new OutcomeBuilder<GroupRecord>();
    const group = this.#context.groups.get(groupId);
    if (group instanceof ShareGroup) completeDeleteOffsets(this.#context, group, topicIds, out);
    return out.answer<number>(call.token, KafkaError.NONE, (error) => error);
  }

  /** The answer is an array of StateOfGroup, of those groups that are share groups and have state or members. */
  beginDeleteGroups(call: GroupCall, groupIds: readonly string[]): Result {
    const out = new OutcomeBuilder<GroupRecord>();
    const states: StateOfGroup[] = [];
    for (const groupId of groupIds) {
      const group = this.#context.groups.get(groupId);
      if (!(group instanceof ShareGroup)) continue;
      const errorCode = group.validateDelete();
      const remove = errorCode === KafkaError.NONE ? beginDeleteGroup(this.#context, group, out) : new Map();
      if (remove !== null) states.push({ groupId, errorCode, remove });
    }
    return out.answer<StateOfGroup[]>(call.token, states, (errorCode) =>
      groupIds.map((groupId) => ({ groupId, errorCode, remove: new Map() })),
    );
  }

  /** The answer is a StatePartitions: what the group has state of. */
  initializedPartitions(call: GroupCall, groupId: string): Result {
    const group = this.#context.groups.get(groupId);
    const initialized = group instanceof ShareGroup ? group.state.initialized : new Map();
    const partitions: StatePartitions = new Map(
      [...initialized].map(([topicId, topic]) => [topicId, topic.partitions]),
    );
    return answerOnly<GroupRecord, StatePartitions | number>(call.token, partitions, (error) => error);
  }

  replay(record: ShareGroupRecord): void {
    replayShareGroupRecord(this.#context.groups, record);
  }

  /** Members of before the start have a whole session to be heard of. */
  onLoaded(out: OutcomeBuilder<GroupRecord>, nowMs: number): void {
    for (const group of this.#groups()) {
      const { groupId } = group;
      const sessionMs = this.#context.settings.shareGroupSessionTimeoutMs(groupId);
      for (const memberId of group.members.keys())
        out.setTimer(shareSessionKey(groupId, memberId), nowMs + sessionMs);
    }
  }

  /** null: not a timer of a share group. */
  onTimer({ kind, parts }: TimerName): Result | null {
    if (kind !== SHARE_SESSION) return null;
    const [groupId = '', memberId = ''] = parts;
    const out = new OutcomeBuilder<GroupRecord>();
    const group = this.#context.groups.get(groupId);
    const member = group instanceof ShareGroup ? group.members.get(memberId) : undefined;
    if (!(group instanceof ShareGroup) || member === undefined) return out;
    const reason = 'the member session expired';
    this.#context.report('info', 'share group member removed', { group: groupId, member: memberId, reason });
    fence(this.#context, group, member, out);
    return out;
  }

  /** Groups look at their topics with their next heartbeat. */
  onMetadataChanged(): void {
    const topics = this.#context.topics();
    this.#context.hashes.retain((name) => topics.byName(name) !== undefined);
    for (const group of this.#groups()) group.isMetadataSeen = false;
  }

  /** The share coordinator forgets their state by itself. */
  onTopicsDeleted(topicIds: ReadonlySet<string>): Result {
    const out = new OutcomeBuilder<GroupRecord>();
    for (const group of this.#groups()) {
      const state = withoutDeleted(group.state, topicIds);
      if (state !== null) out.record(stateTopicsRecord(group.groupId, state, this.#context.topics()));
    }
    return out;
  }

  *#groups(): Iterable<ShareGroup> {
    for (const group of this.#context.groups.values()) if (group instanceof ShareGroup) yield group;
  }
}
