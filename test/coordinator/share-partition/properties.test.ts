/**
 * Random lives of a share partition with a small share coordinator behind it: members fetch, acknowledge, leave, time
 * passes, writes fail, the owner restarts from what was written. Whatever happens, no offset has two holders, what is
 * written as done never comes back, counts are right, and in the end every record was delivered.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AcknowledgeType } from '../../../src/coordinator/share-partition/acknowledge.js';
import { isTerminal, RecordState } from '../../../src/coordinator/share-partition/runs.js';
import {
  type PersistedBatch,
  SharePartition,
  type StateChange,
} from '../../../src/coordinator/share-partition/share-partition.js';

const LOCK_MS = 100;
const LIMITS = { deliveriesMax: 4, inFlightMax: 30 };

type Op =
  | { kind: 'fetch'; member: string; mode: number; recordsMax: number; batchSize: number; span: number }
  | { kind: 'acknowledge'; member: string; skip: number; length: number; types: number[]; written: boolean }
  | { kind: 'leave'; member: string; written: boolean }
  | { kind: 'wait'; ms: number }
  | { kind: 'restart' };

const member = fc.constantFrom('a', 'b', 'c');
/** One write in ten fails. */
const written = fc.integer({ min: 0, max: 9 }).map((n) => n > 0);
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('fetch' as const), member, mode: fc.constantFrom(0, 1), recordsMax: fc.integer({ min: 1, max: 25 }), batchSize: fc.integer({ min: 1, max: 12 }), span: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), member, skip: fc.integer({ min: 0, max: 5 }), length: fc.integer({ min: 1, max: 12 }), types: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 }), written }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), member, written }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 80 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
); // biome-ignore format: one line an operation

/** Lengths of batches, and of the holes before them. */
const logOf = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, 0, 0, 1, 3)), {
  minLength: 3,
  maxLength: 12,
});

/** The share coordinator's memory: start and state by offset. */
class Stored {
  start = 0;
  readonly states = new Map<number, { state: number; count: number }>();

  write(start: number, batches: readonly PersistedBatch[]): void {
    this.start = Math.max(this.start, start);
    for (const { firstOffset, lastOffset, deliveryState, deliveryCount } of batches) {
      for (let offset = firstOffset; offset <= lastOffset; offset++)
        this.states.set(offset, { state: deliveryState, count: deliveryCount });
    }
    for (const offset of [...this.states.keys()]) if (offset < this.start) this.states.delete(offset);
  }

  batches(): PersistedBatch[] {
    return [...this.states]
      .sort(([a], [b]) => a - b)
      .map(([offset, { state, count }]) => ({
        firstOffset: offset,
        lastOffset: offset,
        deliveryState: state,
        deliveryCount: count,
      }));
  }
}

class World {
  readonly batches: { baseOffset: number; lastOffset: number }[] = [];
  readonly records = new Set<number>();
  readonly stored = new Stored();
  readonly delivered = new Set<number>();
  /** Offset -> who holds it until when. */
  readonly held = new Map<number, { member: string; untilMs: number }>();
  readonly counts = new Map<number, number>();
  readonly done = new Set<number>();
  partition = this.fresh();
  nowMs = 0;

  constructor(shape: readonly (readonly [number, number])[]) {
    let next = 0;
    for (const [length, hole] of shape) {
      const baseOffset = next + hole;
      this.batches.push({ baseOffset, lastOffset: baseOffset + length - 1 });
      for (let offset = baseOffset; offset < baseOffset + length; offset++) this.records.add(offset);
      next = baseOffset + length;
    }
  }

  run(one: Op): void {
    switch (one.kind) {
      case 'fetch':
        this.fetch(one.member, one.mode, one.recordsMax, one.batchSize, one.span);
        break;
      case 'acknowledge':
        this.acknowledge(one);
        break;
      case 'leave':
        this.settle(this.partition.release(one.member), one.written);
        if (one.written)
          for (const [offset, { member }] of this.held) if (member === one.member) this.held.delete(offset);
        break;
      case 'wait':
        this.wait(one.ms);
        break;
      case 'restart':
        this.partition = this.fresh();
        this.held.clear();
        this.counts.clear();
        for (const [offset, { count }] of this.stored.states) this.counts.set(offset, count);
        break;
    }
    this.check();
  }

  fetch(who: string, mode: number, recordsMax: number, batchSize: number, span: number): number {
    const fetchOffset = this.partition.nextFetchOffset();
    const from = this.batches.findIndex(({ lastOffset }) => lastOffset >= fetchOffset);
    if (from < 0 || !this.partition.canAcquire()) return 0;
    const batches = this.batches.slice(from, from + span);
    const dueMs = this.nowMs + LOCK_MS;
    const acquired = this.partition.acquire({
      member: who,
      mode,
      recordsMax,
      batchSize,
      fetchOffset,
      batches,
      dueMs,
    });
    let total = 0;
    for (const { firstOffset, lastOffset, deliveryCount } of acquired) {
      for (let offset = firstOffset; offset <= lastOffset; offset++) {
        total++;
        expect(this.held.has(offset), `${offset} has one holder`).toBe(false);
        expect(this.done.has(offset), `${offset} was done`).toBe(false);
        const count = (this.counts.get(offset) ?? 0) + 1;
        expect(deliveryCount, `deliveries of ${offset}`).toBe(count);
        expect(count).toBeLessThanOrEqual(LIMITS.deliveriesMax);
        this.counts.set(offset, count);
        this.held.set(offset, { member: who, untilMs: dueMs });
        this.delivered.add(offset);
      }
    }
    if (mode === 1) expect(total).toBeLessThanOrEqual(recordsMax);
    return total;
  }

  acknowledge(one: {
    member: string;
    skip: number;
    length: number;
    types: number[];
    written: boolean;
  }): void {
    const mine = [...this.held]
      .filter(([, { member }]) => member === one.member)
      .map(([offset]) => offset)
      .sort((a, b) => a - b);
    const first = mine[one.skip % Math.max(1, mine.length)];
    if (first === undefined) return;
    let last = first;
    while (last - first + 1 < one.length && mine.includes(last + 1)) last++;
    const length = last - first + 1;
    const acknowledgeTypes = Array.from({ length }, (_, i) => one.types[i % one.types.length] ?? 1);
    const batch = { firstOffset: first, lastOffset: last, acknowledgeTypes };
    const change = this.partition.acknowledge(one.member, [batch], this.nowMs + LOCK_MS);
    expect(change === null || 'batches' in change).toBe(true);
    for (const [index, type] of acknowledgeTypes.entries()) {
      if (type === AcknowledgeType.renew)
        this.held.set(first + index, { member: one.member, untilMs: this.nowMs + LOCK_MS });
      else if (one.written) this.held.delete(first + index);
    }
    if (change !== null && 'batches' in change) this.settle(change, one.written);
  }

  wait(ms: number): void {
    this.nowMs += ms;
    const ended = [...this.held].filter(([, { untilMs }]) => untilMs <= this.nowMs).map(([offset]) => offset);
    const change = this.partition.expire(this.nowMs);
    expect(
      (change?.batches ?? []).reduce(
        (sum, { firstOffset, lastOffset }) => sum + lastOffset - firstOffset + 1,
        0,
      ),
    ).toBe(ended.length);
    for (const offset of ended) this.held.delete(offset);
    if (change !== null) this.remember(change);
  }

  private settle(change: StateChange | null, isWritten: boolean): void {
    if (change === null) return;
    if (isWritten) {
      this.remember(change);
      this.partition.commit(change);
    } else this.partition.rollback(change);
  }

  private remember({ batches }: StateChange): void {
    this.stored.write(this.partition.start, batches);
    for (const { firstOffset, lastOffset, deliveryState, deliveryCount } of batches) {
      for (let offset = firstOffset; offset <= lastOffset; offset++) {
        if (isTerminal(deliveryState)) this.done.add(offset);
        else expect(deliveryState).toBe(RecordState.available);
        expect(deliveryCount).toBe(this.counts.get(offset) ?? 0);
        this.counts.set(offset, deliveryCount);
      }
    }
  }

  private fresh(): SharePartition {
    const partition = new SharePartition(() => LIMITS);
    expect(partition.restore(this.stored?.start ?? 0, this.stored?.batches() ?? [])).toBe(true);
    return partition;
  }

  private check(): void {
    let next = this.partition.start;
    for (const { first, last, state, member: holder } of this.partition.inFlightRuns) {
      expect(first).toBe(next);
      next = last + 1;
      for (let offset = first; offset <= last; offset++)
        expect(state === RecordState.acquired ? holder : undefined).toBe(this.held.get(offset)?.member);
    }
    expect(next).toBe(this.partition.end);
    for (const offset of this.records)
      if (offset < this.partition.start)
        expect(this.done.has(offset), `${offset} is behind the start`).toBe(true);
  }

  /** Everybody accepts everything until there is nothing left. */
  drain(): void {
    for (const who of ['a', 'b', 'c']) this.run({ kind: 'leave', member: who, written: true });
    for (let round = 0; round < 500; round++) {
      if (this.fetch('a', 0, 500, 500, 3) === 0) break;
      while ([...this.held].length > 0)
        this.run({
          kind: 'acknowledge',
          member: 'a',
          skip: 0,
          length: 100,
          types: [AcknowledgeType.accept],
          written: true,
        });
    }
    for (const offset of this.records) {
      expect(this.delivered.has(offset), `${offset} was delivered`).toBe(true);
      expect(this.done.has(offset), `${offset} is done`).toBe(true);
    }
  }
}

it('one holder at a time, every record delivered, nothing done comes back, state survives restarts', () => {
  fc.assert(
    fc.property(logOf, fc.array(op, { maxLength: 60 }), (shape, ops) => {
      const world = new World(shape);
      for (const one of ops) world.run(one);
      world.drain();
    }),
    { numRuns: 150 },
  );
});
