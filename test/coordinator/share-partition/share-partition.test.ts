import { describe, expect, it } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.js';
import { AcknowledgeType } from '../../../src/coordinator/share-partition/acknowledge.js';
import { AcquireMode, type AcquireRequest } from '../../../src/coordinator/share-partition/acquire.js';
import { RecordState } from '../../../src/coordinator/share-partition/runs.js';
import {
  SharePartition,
  type StateChange,
} from '../../../src/coordinator/share-partition/share-partition.js';

const LIMITS = { deliveriesMax: 5, inFlightMax: 200 };

function opened(start = 0, limits = LIMITS): SharePartition {
  const partition = new SharePartition(() => limits);
  expect(partition.restore(start, [])).toBe(true);
  return partition;
}

/** Batches of ten offsets that lie in [from, to). */
function log(from: number, to: number) {
  const batches: { baseOffset: number; lastOffset: number }[] = [];
  for (let base = from; base < to; base += 10) batches.push({ baseOffset: base, lastOffset: base + 9 });
  return batches;
}

function fetch(partition: SharePartition, member: string, more: Partial<AcquireRequest> = {}) {
  const fetchOffset = partition.nextFetchOffset();
  return partition.acquire({
    member,
    mode: AcquireMode.batchOptimized,
    recordsMax: 500,
    batchSize: 500,
    fetchOffset,
    batches: log(fetchOffset - (fetchOffset % 10), 100),
    dueMs: 30_000,
    ...more,
  });
}

function acknowledge(
  partition: SharePartition,
  member: string,
  first: number,
  last: number,
  ...types: number[]
) {
  const batch = { firstOffset: first, lastOffset: last, acknowledgeTypes: types };
  return partition.acknowledge(member, [batch], 60_000);
}

function changeOf(change: unknown): StateChange {
  expect(change).toMatchObject({ id: expect.any(Number) });
  return change as StateChange;
}

const range = (firstOffset: number, lastOffset: number, deliveryCount: number) => ({
  firstOffset,
  lastOffset,
  deliveryCount,
});

describe('acquire', () => {
  it('gives new offsets up to the end of the batch that reaches the limit', () => {
    const partition = opened();
    expect(fetch(partition, 'a', { recordsMax: 15 })).toEqual([range(0, 19, 1)]);
    expect(fetch(partition, 'b', { recordsMax: 1 })).toEqual([range(20, 29, 1)]);
    expect(partition.nextFetchOffset()).toBe(30);
  });

  it('keeps to the limit exactly in the record-limit mode, and gives the rest next', () => {
    const partition = opened();
    const mode = AcquireMode.recordLimit;
    expect(fetch(partition, 'a', { recordsMax: 13, mode })).toEqual([range(0, 12, 1)]);
    expect(partition.nextFetchOffset()).toBe(13);
    expect(fetch(partition, 'b', { recordsMax: 4, mode })).toEqual([range(13, 16, 1)]);
    expect(fetch(partition, 'c', { recordsMax: 10, mode })).toEqual([range(17, 19, 1), range(20, 26, 1)]);
  });

  it('cuts what is acquired into pieces of the batch size, at batch boundaries', () => {
    const partition = opened();
    expect(fetch(partition, 'a', { recordsMax: 60, batchSize: 25 })).toEqual([
      range(0, 29, 1),
      range(30, 59, 1),
    ]);
  });

  it('never begins below the start', () => {
    const partition = opened(5);
    expect(fetch(partition, 'a', { recordsMax: 10 })).toEqual([range(5, 19, 1)]);
  });

  it('holds no more than the limit of locks, but what was released is given although it is reached', () => {
    const partition = opened(0, { deliveriesMax: 5, inFlightMax: 20 });
    expect(fetch(partition, 'a')).toEqual([range(0, 19, 1)]);
    expect(partition.canAcquire()).toBe(false);
    expect(fetch(partition, 'b')).toEqual([]);
    partition.commit(changeOf(acknowledge(partition, 'a', 5, 9, AcknowledgeType.release)));
    expect(partition.canAcquire()).toBe(true);
    expect(partition.nextFetchOffset()).toBe(5);
    expect(fetch(partition, 'b')).toEqual([range(5, 9, 2)]);
  });

  it('gives up offsets that the log no longer has', () => {
    const partition = opened();
    fetch(partition, 'a', { recordsMax: 30 });
    partition.commit(changeOf(acknowledge(partition, 'a', 0, 29, AcknowledgeType.release)));
    expect(fetch(partition, 'b', { batches: log(20, 40), recordsMax: 10 })).toEqual([range(20, 29, 2)]);
    expect(partition.start).toBe(20);
  });

  it('gives a record on its last attempt alone, and fewer and fewer beside one that failed often', () => {
    const partition = opened();
    const sizes: number[] = [];
    for (let round = 0; round < 30 && sizes.length < 30; round++) {
      const got = fetch(partition, 'a', {
        recordsMax: 10,
        batches: log(0, 10),
        fetchOffset: partition.nextFetchOffset(),
      });
      if (got.length === 0) break;
      sizes.push(got.reduce((sum, { firstOffset, lastOffset }) => sum + lastOffset - firstOffset + 1, 0));
      for (const { firstOffset, lastOffset } of got)
        partition.commit(
          changeOf(acknowledge(partition, 'a', firstOffset, lastOffset, AcknowledgeType.release)),
        );
    }
    expect(sizes.slice(0, 5)).toEqual([10, 10, 10, 5, 1]);
    expect(partition.start).toBe(10);
  });
});

describe('acknowledge', () => {
  it('moves the start over what is done once it is written', () => {
    const partition = opened();
    fetch(partition, 'a', { recordsMax: 20 });
    const change = changeOf(acknowledge(partition, 'a', 0, 14, AcknowledgeType.accept));
    expect(change.batches).toEqual([
      { firstOffset: 0, lastOffset: 14, deliveryState: RecordState.acknowledged, deliveryCount: 1 },
    ]);
    expect(partition.start).toBe(0);
    partition.commit(change);
    expect(partition.start).toBe(15);
  });

  it('takes back what could not be written', () => {
    const partition = opened();
    fetch(partition, 'a', { recordsMax: 10 });
    partition.rollback(changeOf(acknowledge(partition, 'a', 0, 9, AcknowledgeType.accept)));
    expect(partition.start).toBe(0);
    expect(partition.nextDueMs).toBe(30_000);
    expect(acknowledge(partition, 'a', 0, 9, AcknowledgeType.accept)).toMatchObject({
      batches: [{ lastOffset: 9 }],
    });
  });

  it('has a type for each offset', () => {
    const partition = opened();
    fetch(partition, 'a', { recordsMax: 10 });
    const { accept, release, reject, gap } = AcknowledgeType;
    const change = changeOf(acknowledge(partition, 'a', 0, 4, accept, accept, release, reject, gap));
    expect(
      change.batches.map(({ firstOffset, lastOffset, deliveryState }) => [
        firstOffset,
        lastOffset,
        deliveryState,
      ]),
    ).toEqual([
      [0, 1, RecordState.acknowledged],
      [2, 2, RecordState.available],
      [3, 4, RecordState.archived],
    ]);
    partition.commit(change);
    expect(partition.start).toBe(2);
    expect(partition.deliveryCompleteCount).toBe(2);
    expect(fetch(partition, 'b', { recordsMax: 1 })).toEqual([range(2, 2, 2)]);
  });

  it('refuses what the member does not hold, and changes nothing then', () => {
    const partition = opened();
    fetch(partition, 'a', { recordsMax: 10 });
    fetch(partition, 'b', { recordsMax: 10 });
    const state = { error: KafkaError.INVALID_RECORD_STATE };
    expect(acknowledge(partition, 'a', 10, 19, 1)).toMatchObject({
      ...state,
      message: 'Member is not the owner of batch record',
    });
    expect(acknowledge(partition, 'a', 5, 15, 1)).toMatchObject(state);
    expect(acknowledge(partition, 'a', 5, 20, 1)).toMatchObject({ error: KafkaError.INVALID_REQUEST });
    expect(acknowledge(partition, 'a', 50, 60, 1)).toMatchObject({ error: KafkaError.INVALID_REQUEST });
    expect(acknowledge(partition, 'a', 0, 0, 7)).toMatchObject({ error: KafkaError.INVALID_REQUEST });
    expect(acknowledge(opened(), 'a', 0, 0, 1)).toMatchObject(state);
    partition.commit(changeOf(acknowledge(partition, 'a', 0, 9, 1)));
    expect(acknowledge(partition, 'b', 12, 12, 1)).toMatchObject({ batches: [{ firstOffset: 12 }] });
    expect(acknowledge(partition, 'b', 12, 12, 1)).toMatchObject(state);
  });

  it('says nothing against offsets that are behind the start', () => {
    const partition = opened();
    fetch(partition, 'a', { recordsMax: 20 });
    partition.logStartMoved(15);
    expect(acknowledge(partition, 'a', 0, 9, 1)).toBeNull();
    expect(acknowledge(partition, 'a', 10, 19, 1)).toMatchObject({
      batches: [{ firstOffset: 15, lastOffset: 19 }],
    });
  });

  it('renews a lock without a write', () => {
    const partition = opened();
    fetch(partition, 'a', { recordsMax: 10 });
    expect(acknowledge(partition, 'a', 0, 9, AcknowledgeType.renew)).toBeNull();
    expect(partition.nextDueMs).toBe(60_000);
    const off = partition.acknowledge('a', [{ firstOffset: 0, lastOffset: 9, acknowledgeTypes: [4] }], null);
    expect(off).toMatchObject({ error: KafkaError.INVALID_RECORD_STATE });
  });
});

describe('end of a lock, of a member, of the log', () => {
  it('frees what was held too long, and archives it after the last attempt', () => {
    const partition = opened(0, { deliveriesMax: 2, inFlightMax: 200 });
    fetch(partition, 'a', { recordsMax: 10, dueMs: 10 });
    expect(partition.expire(9)).toBeNull();
    expect(partition.expire(10)?.batches).toEqual([
      { firstOffset: 0, lastOffset: 9, deliveryState: RecordState.available, deliveryCount: 1 },
    ]);
    expect(fetch(partition, 'b', { recordsMax: 10, batches: log(0, 10), dueMs: 20 })).toEqual([
      range(0, 9, 2),
    ]);
    expect(partition.expire(20)?.batches[0]?.deliveryState).toBe(RecordState.archived);
    expect(partition.start).toBe(10);
  });

  it('frees what a member holds that leaves, and counts the delivery', () => {
    const partition = opened();
    fetch(partition, 'a', { recordsMax: 10 });
    const change = changeOf(partition.release('a'));
    expect(change.batches).toEqual([
      { firstOffset: 0, lastOffset: 9, deliveryState: RecordState.available, deliveryCount: 1 },
    ]);
    partition.commit(change);
    expect(partition.release('a')).toBeNull();
    expect(fetch(partition, 'b', { recordsMax: 10, batches: log(0, 10) })).toEqual([range(0, 9, 2)]);
  });

  it('follows the log start', () => {
    const partition = opened();
    fetch(partition, 'a', { recordsMax: 20 });
    partition.logStartMoved(40);
    expect([partition.start, partition.end, partition.nextFetchOffset()]).toEqual([40, 40, 40]);
  });
});

describe('restore', () => {
  it('frees what lies between the batches and goes past what is done', () => {
    const partition = new SharePartition(() => LIMITS);
    const batch = (
      firstOffset: number,
      lastOffset: number,
      deliveryState: number,
      deliveryCount: number,
    ) => ({
      firstOffset,
      lastOffset,
      deliveryState,
      deliveryCount,
    });
    expect(partition.restore(10, [batch(10, 14, 2, 1), batch(20, 24, 4, 5), batch(25, 29, 0, 3)])).toBe(true);
    expect([partition.start, partition.end, partition.nextFetchOffset()]).toEqual([15, 30, 15]);
    expect(fetch(partition, 'a', { recordsMax: 100, batches: log(10, 20) })).toEqual([range(15, 19, 1)]);
    expect(new SharePartition(() => LIMITS).restore(10, [batch(5, 14, 2, 1)])).toBe(false);
    expect(new SharePartition(() => LIMITS).restore(0, [batch(5, 14, 2, 1), batch(14, 15, 2, 1)])).toBe(
      false,
    );
    expect(new SharePartition(() => LIMITS).restore(0, [batch(5, 14, 1, 1)])).toBe(false);
  });
});
