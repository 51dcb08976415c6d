/** Producer table, the rules of idempotence against a simple model, snapshots, transactions found in a log. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/io/portable/crc32c.js';
import { buildEndTxnBatch } from '../../src/record/control.js';
import { incrementSequence } from '../../src/record/layout.js';
import { decideProducerAppend } from '../../src/storage/producer-append.js';
import { encodeProducerSnapshot, loadProducerSnapshot } from '../../src/storage/producer-snapshot.js';
import { CACHED_BATCHES, ENTRY_WORDS, ProducerTable } from '../../src/storage/producer-table.js';
import { batchOf, read, specOf, TestLog, world } from './helpers.js';

const NOW = 1_700_000_000_000;

describe('ProducerTable', () => {
  it('has the drawn layout', () => {
    const table = ProducerTable.create(1024);
    const words = new Int32Array(table.handle);
    expect([words[0], words[1], ENTRY_WORDS]).toEqual([1, 1024, 48]);
    const entry = table.obtain(3, 0x11, 0x22);
    table.addBatch(entry, 6, 41, 99, 2, NOW);
    table.setTransactionFirstOffset(entry, 90);
    const at = 16 + 1024 * 2 + entry * 48;
    expect([...words.subarray(at, at + 8)]).toEqual([0, 3, 0x11, 0x22, 6, -1, 1, 0]);
    const doubles = new Float64Array(table.handle);
    expect([doubles[(at + 8) / 2], doubles[(at + 10) / 2]]).toEqual([90, NOW]);
    expect([...words.subarray(at + 12, at + 14), doubles[(at + 14) / 2], doubles[(at + 16) / 2]]).toEqual([
      41,
      2,
      99,
      NOW,
    ]);
    expect(table.producerId(entry)).toBe((0x22n << 32n) | 0x11n);
  });

  it('behaves like a map, in two views of the same memory, through growth and removal', () => {
    const step = fc.tuple(fc.constantFrom('put', 'drop', 'scope'), fc.nat(3), fc.nat(400));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 900 }), (steps) => {
        const table = ProducerTable.create(1024);
        const other = ProducerTable.attach(table.handle);
        const model = new Map<string, number>();
        for (const [what, scope, id] of steps) {
          const key = `${scope}/${id}`;
          const found = other.find(scope, id, id * 7);
          expect(found >= 0).toBe(model.has(key));
          if (what === 'put') {
            const entry = table.obtain(scope, id, id * 7);
            table.addBatch(entry, 0, id, id, 0, NOW);
            model.set(key, id);
          } else if (what === 'drop' && found >= 0) {
            table.remove(found);
            model.delete(key);
          } else if (what === 'scope' && id < 4) {
            table.removeScope(scope);
            for (const name of [...model.keys()]) if (name.startsWith(`${scope}/`)) model.delete(name);
          }
        }
        other.assertValid();
        expect(other.size).toBe(model.size);
        const seen: string[] = [];
        for (let scope = 0; scope < 4; scope++)
          other.forEach(scope, (entry) => seen.push(`${scope}/${other.lastSequence(entry)}`));
        expect(seen.sort()).toEqual([...model.keys()].sort());
      }),
      { numRuns: 60 },
    );
  });

  it('full: the oldest of a sample gives way, open transactions never', () => {
    const table = ProducerTable.create(1024);
    for (let id = 0; id < 1024; id++) table.setLastTimestamp(table.obtain(1, id, 0), NOW + id);
    expect(table.obtain(1, 5000, 0)).toBeGreaterThanOrEqual(0);
    expect(table.find(1, 0, 0)).toBe(-1);
    expect(table.size).toBe(1024);
    table.assertValid();
    table.forEach(1, (entry) => table.setTransactionFirstOffset(entry, 1));
    expect(table.obtain(1, 6000, 0)).toBe(-1);
    expect(table.size).toBe(1024);
  });

  it('expires by last timestamp, not while a transaction is open', () => {
    const table = ProducerTable.create(1024);
    table.setLastTimestamp(table.obtain(1, 1, 0), NOW - 1000);
    table.setLastTimestamp(table.obtain(1, 2, 0), NOW - 999);
    const open = table.obtain(1, 3, 0);
    table.setLastTimestamp(open, 0);
    table.setTransactionFirstOffset(open, 5);
    expect(table.expire(1, NOW, 1000)).toBe(1);
    expect([table.find(1, 1, 0), table.find(1, 2, 0) >= 0, table.find(1, 3, 0) >= 0]).toEqual([
      -1,
      true,
      true,
    ]);
  });
});

describe('rules of idempotence', () => {
  it('wrap from 2147483647 to 0', () => {
    expect([
      incrementSequence(2147483646, 1),
      incrementSequence(2147483647, 1),
      incrementSequence(2147483645, 5),
    ]).toEqual([2147483647, 0, 2]);
  });

  it('agree with a model that keeps whole histories', () => {
    const batch = fc.record({
      epoch: fc.integer({ min: 0, max: 3 }),
      sequence: fc.oneof(fc.nat(12), fc.integer({ min: 2147483640, max: 2147483647 })),
      delta: fc.nat(3),
    });
    fc.assert(
      fc.property(
        fc.array(batch, { maxLength: 60 }),
        fc.integer({ min: 2147483630, max: 2147483647 }),
        (batches, start) => {
          const table = ProducerTable.create(1024);
          let epoch = -1;
          let history: { first: number; last: number; offset: number }[] = [];
          let offset = 0;
          // Half of the batches continue where the last ended, so that long runs and the wrap occur.
          let next = start;
          batches.forEach(({ epoch: asked, sequence, delta }, index) => {
            const inOrder = index % 2 === 0;
            const of = inOrder ? Math.max(epoch, 0) : asked;
            const first = inOrder ? next : sequence;
            const last = incrementSequence(first, delta);
            const entry = table.find(1, 9, 0);
            const decision = decideProducerAppend(table, entry, {
              idLow: 9,
              idHigh: 0,
              epoch: of,
              baseSequence: first,
              lastOffsetDelta: delta,
              transactional: false,
            });
            const duplicate =
              of === epoch
                ? history.slice(-CACHED_BATCHES).find((one) => one.first === first && one.last === last)
                : undefined;
            const previous = history.at(-1)?.last ?? -1;
            const follows = first === previous + 1 || (first === 0 && previous === 2147483647);
            let expected = 'append';
            if (duplicate) expected = 'duplicate';
            else if (epoch >= 0 && of < epoch) expected = 'stale-epoch';
            else if (epoch >= 0 && of > epoch && first !== 0) expected = 'new-epoch-sequence';
            else if (epoch >= 0 && of === epoch && !follows) expected = 'out-of-order';
            expect(decision).toBe(expected);
            if (duplicate) {
              const cached = table.findBatch(entry, last, delta);
              expect(table.batchBaseOffset(cached)).toBe(duplicate.offset);
            }
            if (decision !== 'append') return;
            if (of !== epoch) history = [];
            epoch = of;
            history.push({ first, last, offset });
            table.addBatch(table.obtain(1, 9, 0), of, last, offset + delta, delta, NOW);
            offset += delta + 1;
            next = incrementSequence(last, 1);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  const send = (sequence: number, epoch = 0, count = 2, timestamp = NOW) =>
    batchOf(count, timestamp, {
      producerId: 4_000_000_000_000n,
      producerEpoch: epoch,
      baseSequence: sequence,
    });

  it('batches of one drain see each other; a duplicate is a success with offset and timestamp of the first time', () => {
    const w = world(NOW);
    const test = new TestLog(w, specOf(w));
    expect(test.append(send(0), send(0), send(2), send(5), send(4), send(2, 1), send(0, 1), send(4))).toEqual(
      [0, 0, 0, 45, 0, 45, 0, 47],
    );
    expect([...test.outcomes.baseOffsets.subarray(0, 8)]).toEqual([0, 0, 2, -1, 4, -1, 6, -1]);
    expect(test.outcomes.appendTimes[1]).toBe(NOW + 1);
    expect(test.log.offsets.logEndOffset).toBe(8);
    expect(test.outcomes.details.get(3)?.message).toBe(
      'Out of order sequence number for producer 4000000000000 at offset 4 in partition t-0: 5 (incoming seq. number), 3 (current end sequence number)',
    );
    expect(test.outcomes.details.get(7)?.message).toContain(
      'is 0, which is smaller than the last seen epoch 1',
    );
  });

  it('any first sequence is accepted from an unknown producer; after expiry too', () => {
    const w = world(NOW);
    const test = new TestLog(w, specOf(w, {}, { producerIdExpirationMs: 1000 }));
    expect(test.append(send(77))).toEqual([0]);
    expect(test.append(send(500))).toEqual([45]);
    w.clock.advance(600_001);
    test.log.housekeep(w.clock.now());
    expect(test.append(send(500, 0, 2, w.clock.now()))).toEqual([0]);
  });

  it('five batches are remembered in memory, one after a restart', () => {
    const w = world(NOW);
    const spec = specOf(w);
    const test = new TestLog(w, spec);
    for (let index = 0; index < 7; index++) test.append(send(index * 2));
    expect(test.append(send(2), send(4), send(12))).toEqual([45, 0, 0]);
    test.log.close(true);
    const again = new TestLog(w, { ...spec, cleanShutdown: true, recoveryPoint: 14 });
    expect(again.append(send(10), send(12), send(14))).toEqual([45, 0, 0]);
    expect([...again.outcomes.baseOffsets.subarray(1, 3)]).toEqual([12, 14]);
    again.log.close(false);
    const crashed = new TestLog(w, { ...spec, recoveryPoint: 14 });
    expect(crashed.append(send(14), send(16))).toEqual([0, 0]);
  });

  it('truncation takes producer state back', () => {
    const w = world(NOW);
    const test = new TestLog(w, specOf(w, {}, { segmentBytes: 200 }));
    for (let index = 0; index < 6; index++) test.append(send(index * 2));
    test.log.truncateTo(4);
    expect(test.log.offsets.logEndOffset).toBe(4);
    expect(test.append(send(10))).toEqual([45]);
    expect(test.append(send(2), send(4))).toEqual([0, 0]);
    expect([...test.outcomes.baseOffsets.subarray(0, 2)]).toEqual([2, 4]);
  });
});

describe('snapshots', () => {
  it('survive a round trip for any state', () => {
    const crc = (bytes: Uint8Array) => crc32c(bytes, 0, bytes.length);
    const producer = fc.record({
      id: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      epoch: fc.integer({ min: 0, max: 32767 }),
      last: fc.integer({ min: -1, max: 2147483647 }),
      offset: fc.integer({ min: 0, max: 2 ** 50 }),
      delta: fc.nat(1000),
      open: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.uniqueArray(producer, { selector: ({ id }) => id, maxLength: 40 }), (producers) => {
        const table = ProducerTable.create(1024);
        for (const { id, epoch, last, offset, delta, open } of producers) {
          const entry = table.obtain(2, Number(BigInt.asIntN(32, id)), Number(BigInt.asIntN(32, id >> 32n)));
          if (last >= 0) table.addBatch(entry, epoch, last, offset, delta, NOW);
          else table.setEpoch(entry, epoch);
          if (open) table.setTransactionFirstOffset(entry, offset);
        }
        const bytes = encodeProducerSnapshot(table, 2, crc);
        const loaded = ProducerTable.create(1024);
        loadProducerSnapshot(bytes, loaded, 5, NOW, Number.MAX_SAFE_INTEGER);
        expect(encodeProducerSnapshot(loaded, 5, crc)).toEqual(bytes);
      }),
      { numRuns: 100 },
    );
  });
});

describe('transactions in a log that is recovered', () => {
  it('open ones hold the LSO, aborted ones get their index rows back', () => {
    const w = world(NOW);
    const spec = specOf(w);
    mkdirSync(spec.directory);
    const batches: Uint8Array[] = [];
    let offset = 0;
    const put = (batch: Uint8Array, records: number) => {
      const copy = batch.slice();
      new DataView(copy.buffer).setBigInt64(0, BigInt(offset));
      new DataView(copy.buffer).setInt32(12, 0);
      batches.push(copy);
      offset += records;
    };
    const data = (id: bigint, sequence: number) =>
      put(
        batchOf(2, NOW, { producerId: id, producerEpoch: 0, baseSequence: sequence, transactional: true }),
        2,
      );
    const end = (id: bigint, outcome: 'commit' | 'abort') =>
      put(
        buildEndTxnBatch({ outcome, coordinatorEpoch: 8, producerId: id, producerEpoch: 0, timestamp: NOW }),
        1,
      );
    data(1n, 0); // 0..1
    data(2n, 0); // 2..3
    end(1n, 'abort'); // 4
    data(1n, 2); // 5..6
    end(1n, 'commit'); // 7
    end(2n, 'abort'); // 8
    data(3n, 0); // 9..10 stays open
    writeFileSync(join(spec.directory, '00000000000000000000.log'), Buffer.concat(batches));
    for (let round = 0; round < 2; round++) {
      const { log } = new TestLog(w, spec);
      expect(log.offsets).toMatchObject({ logEndOffset: 11, highWatermark: 11, lastStableOffset: 9 });
      expect(log.abortedTransactions(0, 11)).toEqual([
        { producerId: 1n, firstOffset: 0 },
        { producerId: 2n, firstOffset: 2 },
      ]);
      expect(log.abortedTransactions(5, 11)).toEqual([{ producerId: 2n, firstOffset: 2 }]);
      expect(log.abortedTransactions(9, 11)).toEqual([]);
      expect(
        log
          .activeProducers()
          .map((one) => [one.producerId, one.coordinatorEpoch, one.currentTransactionFirstOffset])
          .sort((a, b) => (a[0] < b[0] ? -1 : 1)),
      ).toEqual([
        [1n, 8, -1],
        [2n, 8, -1],
        [3n, -1, 9],
      ]);
      const index = read(spec.directory, '00000000000000000000.txnindex');
      expect(index.length).toBe(68);
      // The first abort: the second transaction was open, so the stable offset then was its start.
      expect(new DataView(index.buffer).getBigInt64(26)).toBe(2n);
      expect(new DataView(index.buffer).getBigInt64(34 + 26)).toBe(9n);
      log.close(false);
    }
    expect(readdirSync(spec.directory).filter((name) => name.endsWith('.txnindex')).length).toBe(1);
  });
});
