import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenState } from '../../src/ring/drain-token.js';
import { ENTRY_WORDS, HEADER_WORDS, RingWord } from '../../src/ring/layout.js';
import { Ring } from '../../src/ring/ring.js';
import { AtomicsWaker, PollerWaker, signalAndWake } from '../../src/ring/waker.js';

const CAPACITY = 8;

/** A ring whose next position is `start` (a multiple of the capacity), as if it had run that long. */
function ringAt(start: number): Ring {
  const memory = Ring.create(CAPACITY);
  const words = new Int32Array(memory);
  words[RingWord.tail] = start;
  words[RingWord.head] = start;
  for (let i = 0; i < CAPACITY; i++) words[HEADER_WORDS + i * ENTRY_WORDS] = start;
  return Ring.attach(memory);
}

function put(ring: Ring, values: number[]): boolean {
  if (!ring.reserve(values.length)) return false;
  values.forEach((value, i) => {
    ring.words[ring.word(i) + 1] = value;
  });
  ring.publish();
  return true;
}

function take(ring: Ring, max: number): number[] {
  const count = ring.ready(max);
  const values = Array.from({ length: count }, (_, i) => ring.words[ring.taken(i) + 1]);
  ring.release(count);
  return values;
}

describe('ring', () => {
  it.each([0, 0x7fff_fff0 | 0, -16])('behaves like a bounded queue from position %i on', (start) => {
    const step = fc.oneof(
      fc.record({ put: fc.integer({ min: 1, max: CAPACITY }) }),
      fc.record({ take: fc.integer({ min: 1, max: CAPACITY + 3 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ring = ringAt(start);
        const model: number[] = [];
        let next = 1;
        for (const step of steps) {
          if ('put' in step) {
            const values = Array.from({ length: step.put }, () => next++);
            const fits = model.length + values.length <= CAPACITY;
            expect(put(ring, values)).toBe(fits);
            if (fits) model.push(...values);
          } else {
            expect(take(ring, step.take)).toEqual(model.splice(0, step.take));
          }
          expect(ring.queued()).toBe(model.length);
          expect(ring.isEmpty()).toBe(model.length === 0);
        }
      }),
    );
  });

  it('an unpublished entry hides those behind it until it is published', () => {
    const slow = ringAt(0);
    const fast = Ring.attach(slow.memory);
    expect(slow.reserve(1)).toBe(true);
    slow.words[slow.word(0) + 1] = 1;
    expect(put(fast, [2])).toBe(true);
    expect(fast.ready(9)).toBe(0);
    slow.publish();
    expect(take(fast, 9)).toEqual([1, 2]);
  });

  it('asserts that reserve and publish alternate', () => {
    const ring = ringAt(0);
    ring.reserve(1);
    expect(() => ring.reserve(1)).toThrow(/reserve/);
  });
});

describe('waiting for space', () => {
  it('hands out each producer that found the ring full once', () => {
    const ring = ringAt(0);
    put(ring, [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(put(ring, [9])).toBe(false);
    ring.wantSpace(3);
    ring.wantSpace(31);
    take(ring, 1);
    expect(ring.takeSpaceWanted() >>> 0).toBe(0x8000_0008);
    expect(ring.takeSpaceWanted()).toBe(0);
    expect(put(ring, [9])).toBe(true);
  });
});

describe('sleep protocol', () => {
  it('asks for one bell per change from empty to non-empty', () => {
    const ring = ringAt(0);
    let bells = 0;
    const waker = new PollerWaker(() => bells++, { kind: 'native', id: 7 });
    put(ring, [1]);
    expect(signalAndWake(ring, waker)).toBe(false); // awake: the owner will look
    expect(ring.rest()).toBe(false); // entries are there
    take(ring, 9);
    expect(ring.rest()).toBe(true);
    put(ring, [2]);
    expect(signalAndWake(ring, waker)).toBe(true);
    put(ring, [3]);
    expect(signalAndWake(ring, waker)).toBe(false);
    expect(bells).toBe(1);
    ring.begin();
    expect(take(ring, 9)).toEqual([2, 3]);
    expect(ring.rest()).toBe(true);
  });

  it('does not sleep while control is raised', () => {
    const ring = ringAt(0);
    ring.raiseControl();
    expect(ring.rest()).toBe(false);
    expect(ring.takeControl()).toBe(true);
    expect(ring.takeControl()).toBe(false);
    expect(ring.rest()).toBe(true);
  });

  it('a blocking owner returns at once when there is work, and after the timeout when there is none', () => {
    const ring = ringAt(0);
    put(ring, [1]);
    ring.waitForWork(Number.POSITIVE_INFINITY);
    expect(ring.token.state).toBe(TokenState.awake);
    take(ring, 1);
    ring.waitForWork(1);
    expect(ring.token.state).toBe(TokenState.awake);
    new AtomicsWaker(ring).wake(); // nobody waits: harmless
  });
});

describe('helping', () => {
  it('only a sleeping owner is helped, by one helper', () => {
    const ring = ringAt(0);
    expect(ring.beginHelp()).toBe(false);
    ring.rest();
    expect(ring.beginHelp()).toBe(true);
    expect(ring.beginHelp()).toBe(false);
    expect(ring.token.claim()).toBe(false); // the owner keeps out
    put(ring, [1]);
    expect(ring.signal()).toBe(false); // the helper will look
    expect(take(ring, 9)).toEqual([1]);
    expect(ring.endHelp()).toBe(false);
    expect(ring.token.state).toBe(TokenState.asleep);
  });

  it('a helper that leaves entries or control behind wakes the owner', () => {
    const ring = ringAt(0);
    ring.rest();
    ring.beginHelp();
    put(ring, [1]);
    expect(ring.endHelp()).toBe(true);
    expect(ring.token.state).toBe(TokenState.awake);
    take(ring, 1);
    ring.rest();
    ring.beginHelp();
    ring.raiseControl();
    expect(ring.endHelp()).toBe(true);
  });

  it('a helper gives way to an owner that stands waiting for the token', () => {
    const ring = ringAt(0);
    ring.rest();
    ring.beginHelp();
    ring.words[RingWord.wanted] = 1;
    expect(ring.endHelp()).toBe(true);
    ring.token.claimFromHelper();
    expect(ring.token.wanted).toBe(false);
  });

  it('the token asserts its transitions', () => {
    const ring = ringAt(0);
    expect(() => ring.token.handBack()).toThrow(/handed back in state 0/);
    ring.token.sleep();
    expect(() => ring.token.sleep()).toThrow(/given up in state 1/);
  });
});
