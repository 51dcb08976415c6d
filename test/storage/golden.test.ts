/** Kafka's own directories opened, and Kafka's own batches appended: the same files must come out. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/io/portable/crc32c.js';
import { checkProducerSnapshot } from '../../src/storage/producer-snapshot.js';
import { asSent, batchesOf, GOLDEN, golden, logFiles, read, specOf, TestLog, world } from './helpers.js';

const KAFKA_NOW = 1_795_262_500_000;

describe('directories that Kafka wrote', () => {
  it.each([
    ['plain', 420, 5],
    ['lat', 100, 2],
    ['mixed', 200, 1],
    ['recompress', 60, 1],
  ])('opens %s after a clean stop', (topic, end, segments) => {
    const w = world(KAFKA_NOW);
    const spec = golden(w, `clean/${topic}-0`, { cleanShutdown: true, recoveryPoint: end, leaderEpoch: 2 });
    const { log } = new TestLog(w, spec);
    expect(log.offsets).toEqual({
      logStartOffset: 0,
      logEndOffset: end,
      highWatermark: end,
      lastStableOffset: end,
    });
    expect(log.segmentBases.length).toBe(segments);
    expect(log.recoveryPoint).toBe(end);
    expect(log.activeProducers().length).toBe(topic === 'mixed' ? 5 : topic === 'plain' ? 2 : 1);
    log.close(true);
    // Loading keeps one snapshot beyond the segment bases, the newest; Kafka had two after its recovery.
    const kept = readdirSync(join(GOLDEN, 'clean', `${topic}-0`)).filter(
      (name) => name !== '00000000000000000400.snapshot',
    );
    for (const name of kept) {
      expect({ name, bytes: read(spec.directory, name) }).toEqual({
        name,
        bytes: read(GOLDEN, 'clean', `${topic}-0`, name),
      });
    }
    expect(readdirSync(spec.directory).sort()).toEqual(kept.sort());
    expect(w.reports).toEqual([]);
  });

  it('recovers what a killed Kafka left, as Kafka itself did', () => {
    const w = world(KAFKA_NOW);
    const spec = golden(
      w,
      'killed/plain-0',
      { cleanShutdown: false, recoveryPoint: 0 },
      { indexIntervalBytes: 1000, segmentBytes: 20000 },
    );
    const { log } = new TestLog(w, spec);
    expect(log.offsets.logEndOffset).toBe(400);
    expect(read(spec.directory, '00000000000000000400.snapshot')).toEqual(
      read(GOLDEN, 'clean/plain-0/00000000000000000400.snapshot'),
    );
    log.close(true);
    for (const base of [0, 90, 180, 270]) {
      for (const suffix of ['index', 'timeindex', 'snapshot']) {
        const name = `${String(base).padStart(20, '0')}.${suffix}`;
        if (base === 0 && suffix === 'snapshot') continue;
        expect({ name, bytes: read(spec.directory, name) }).toEqual({
          name,
          bytes: read(GOLDEN, 'clean/plain-0', name),
        });
      }
    }
  });

  it.each([
    ['plain', { indexIntervalBytes: 1000, segmentBytes: 20000 }, 400],
    ['lat', { segmentBytes: 20000, messageTimestampType: 'LogAppendTime' as const }, 100],
    ['mixed', { indexIntervalBytes: 1000, segmentIndexBytes: 4096 }, 200],
  ])('the same batches give the same %s files', (topic, config, end) => {
    const w = world(KAFKA_NOW);
    const from = join(GOLDEN, 'clean', `${topic}-0`);
    const test = new TestLog(w, specOf(w, { topic }, config));
    for (const name of logFiles(from)) {
      for (const stored of batchesOf(read(from, name))) {
        const view = new DataView(stored.buffer, stored.byteOffset);
        if (Number(view.getBigInt64(0)) >= end) continue;
        const sent = asSent(stored);
        if (topic === 'lat') {
          // The producer sent CreateTime; give the broker's clock the value Kafka stamped.
          w.clock.advance(Number(view.getBigInt64(35)) - w.clock.now());
          const bytes = new DataView(sent.buffer);
          bytes.setInt16(21, bytes.getInt16(21) & ~8);
          bytes.setUint32(17, crc32c(sent, 21, sent.length));
        }
        expect(test.append(sent)).toEqual([0]);
      }
    }
    expect(test.log.offsets.logEndOffset).toBe(end);
    test.log.close(true);
    for (const name of readdirSync(from)) {
      if (topic === 'plain' && Number(name.slice(0, 20)) >= 360) continue; // there a kill and a restart lie between
      if (!/^\d{20}\./.test(name)) continue;
      expect({ name, bytes: read(test.spec.directory, name) }).toEqual({ name, bytes: read(from, name) });
    }
  });

  it('reads its own snapshots and refuses damaged ones', () => {
    const bytes = read(GOLDEN, 'clean/mixed-0/00000000000000000200.snapshot');
    const crc = (of: Uint8Array) => crc32c(of, 0, of.length);
    expect(checkProducerSnapshot(bytes, crc)).toBe(null);
    for (let at = 0; at < bytes.length; at++) {
      const bad = bytes.slice();
      bad[at] ^= 1;
      expect(checkProducerSnapshot(bad, crc)).not.toBe(null);
    }
    expect(checkProducerSnapshot(bytes.subarray(0, 9), crc)).toBe('9 bytes');
  });
});
