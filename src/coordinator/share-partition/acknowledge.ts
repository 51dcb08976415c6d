/**
 * What a member says of the offsets it holds (SharePartition.acknowledge): checked first as a whole, then applied, so that a
 * wrong acknowledgement changes nothing. Main thread; pure.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { RecordState, type Run, type Runs } from './runs.js';

/** AcknowledgeType, and 0 for offsets without a record. */
export const AcknowledgeType = { gap: 0, accept: 1, release: 2, reject: 3, renew: 4 } as const;

export interface AcknowledgeBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** One for all offsets, or one for each. */
  readonly acknowledgeTypes: readonly number[];
}

export interface Refusal {
  readonly error: number;
  readonly message: string;
}

const NOT_FOUND = 'Batch record not found.';
const NOT_ACQUIRED = 'cannot be acknowledged. The batch is not in the acquired state.';

/** Why these offsets cannot be acknowledged by `member`; null = they can. `end` = the first offset nobody has had. */
export function checkAcknowledgement(
  runs: Runs,
  member: string,
  batch: AcknowledgeBatch,
  start: number,
  end: number,
  renews: boolean,
): Refusal | null {
  const { firstOffset, lastOffset, acknowledgeTypes } = batch;
  if (acknowledgeTypes.some((type) => type < AcknowledgeType.gap || type > AcknowledgeType.renew)) {
    return { error: KafkaError.INVALID_REQUEST, message: `Invalid acknowledge type: [${acknowledgeTypes}]` };
  }
  if (lastOffset < start) return null; // the log or the group has moved past them
  if (runs.isEmpty) {
    const message = `${NOT_FOUND} The request batch offsets are not found in the cache.`;
    return { error: KafkaError.INVALID_RECORD_STATE, message };
  }
  if (lastOffset >= end) {
    const which = firstOffset >= end ? 'first' : 'last';
    const message = `${NOT_FOUND} The ${which} offset in request is past acquired records.`;
    return { error: KafkaError.INVALID_REQUEST, message };
  }
  for (let index = runs.indexAt(Math.max(start, firstOffset)); index < runs.all.length; index++) {
    const run = runs.all[index];
    if (run.first > lastOffset) break;
    const message = whyNot(run, member);
    if (message !== null) return { error: KafkaError.INVALID_RECORD_STATE, message };
  }
  if (!renews && acknowledgeTypes.includes(AcknowledgeType.renew)) {
    const message = 'Renewing acquisition locks is not enabled for the group.';
    return { error: KafkaError.INVALID_RECORD_STATE, message };
  }
  return null;
}

function whyNot(run: Run, member: string): string | null {
  const whole = run.first === run.batchFirst && run.last === run.batchLast;
  if (run.change !== 0) {
    return 'The record state is invalid. The acknowledgement of delivery could not be completed.';
  }
  if (run.state !== RecordState.acquired) {
    return whole
      ? `The batch ${NOT_ACQUIRED}`
      : 'The offset cannot be acknowledged. The offset is not acquired.';
  }
  if (run.member === member) return null;
  return whole ? 'Member is not the owner of batch record' : 'Member is not the owner of offset';
}

/** The state that an acknowledgement leads to; null = the lock is renewed. */
export function stateAfter(type: number): number | null {
  switch (type) {
    case AcknowledgeType.accept:
      return RecordState.acknowledged;
    case AcknowledgeType.release:
      return RecordState.available;
    case AcknowledgeType.renew:
      return null;
    default:
      return RecordState.archived;
  }
}

/** Calls `each` for every stretch of [from, lastOffset] with one type. */
export function forEachType(
  { firstOffset, lastOffset, acknowledgeTypes }: AcknowledgeBatch,
  from: number,
  each: (first: number, last: number, type: number) => void,
): void {
  if (acknowledgeTypes.length === 1) {
    each(from, lastOffset, acknowledgeTypes[0]);
    return;
  }
  for (let first = from; first <= lastOffset; ) {
    const type = acknowledgeTypes[first - firstOffset];
    let last = first;
    while (last < lastOffset && acknowledgeTypes[last + 1 - firstOffset] === type) last++;
    each(first, last, type);
    first = last + 1;
  }
}
